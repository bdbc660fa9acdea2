# Everything that is done with this repository. It needs Go; the tests need
# PostgreSQL, Chromium and a C compiler, too, which .ci/ finds or, as root on Debian,
# installs.

STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOLANGCI_LINT = github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

# creditrun is pure Go; only the race detector wants C.
export CGO_ENABLED = 0

.NOTPARALLEL:

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: ## three month ends of a sample network, results in ./demo
	@go run ./cmd/creditrun demo

.PHONY: build
build: ## build ./creditrun
	@go build -trimpath -o creditrun ./cmd/creditrun

# Commands, pages and the store are tested in whole processes, browsers and two
# databases, which takes the race detector most of an hour: make race does that.
SLOW = /cmd/creditrun$$|/internal/store$$|/internal/web$$|/internal/api$$|/internal/document$$|/internal/arch$$

.PHONY: test
test: compiler ## run all tests on SQLite and PostgreSQL, in a browser; with the race detector where that is quick
	@GOGC=400 .ci/browser .ci/postgres go test -timeout=20m $$(go list ./... | grep -E '$(SLOW)')
	@CGO_ENABLED=1 GOGC=400 .ci/postgres go test -race $(PURE) -timeout=20m $$(go list ./... | grep -vE '$(SLOW)')

# SQLite is C made Go: with the race detector's pointer checks in it the tests
# take half as long again, and it is not ours to check.
PURE = -gcflags='modernc.org/...=-d=checkptr=0'

.PHONY: race
race: compiler ## run all tests with the race detector (most of an hour)
	@CGO_ENABLED=1 GOGC=400 .ci/browser .ci/postgres go test -race $(PURE) -timeout=60m ./...

.PHONY: check
check: format vet staticcheck modules wall test ## what CI runs: all checks, then the tests

.PHONY: bench
bench: ## measure prices, documents, mails, the import of a million sessions, their month end, contracts, a month among older ones, an answer of a bank, a month of accounting, and a reprice
	@go test -run='^$$' -bench=. -benchmem ./tariffs ./internal/document ./mailer
	@.ci/postgres go test -run='^$$' -bench='MonthEnd|Contracts|Import$$|AmongOlder|BankAnswer|Journal|Reprice' -benchtime=1x -timeout=60m ./internal/store

.PHONY: lint
lint: ## look for more with golangci-lint (builds it on first use)
	@go run $(GOLANGCI_LINT) run ./...

.PHONY: fmt
fmt: ## format all Go files
	@gofmt -w .

# The parts of check.

.PHONY: format
format:
	@files=$$(gofmt -l .); if [ -n "$$files" ]; then \
		echo "not formatted, run make fmt:" >&2; echo "$$files" >&2; exit 1; fi

.PHONY: vet
vet:
	@go vet ./...

.PHONY: staticcheck
staticcheck:
	@go run $(STATICCHECK) ./...

.PHONY: modules
modules:
	@go mod verify >/dev/null

# Also part of the tests; here it fails before they take their time.
.PHONY: wall
wall:
	@go test ./internal/arch

.PHONY: compiler
compiler:
	@echo '#include <stdlib.h>' | $$(go env CC) -x c -c -o /dev/null - 2>/dev/null || .ci/install gcc libc6-dev || { \
		echo "The race detector needs a C compiler. Without: go test ./..." >&2; exit 1; }
