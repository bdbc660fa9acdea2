package store

import (
	"bufio"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// The guards of a database are what keeps issued documents as they are without
// the program: triggers and the functions they call, constraints, unique
// indexes. guards/*.txt lists them as the migrations leave them; a test keeps
// the lists up to date.
//
//go:embed guards/*.txt
var guardLists embed.FS

// guardQueries list the guards of a database, each with a text that changes
// when the guard does. The tables of the job queue and of goose are not ours.
var guardQueries = map[dialect]string{
	postgresDialect: `
		SELECT 'trigger ' || c.relname || '.' || t.tgname, concat_ws(' ', t.tgtype, t.tgenabled, p.proname)
		FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
		WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace AND c.relname !~ '^(river|goose)_'
		UNION ALL
		SELECT 'function ' || p.proname, p.prosrc
		FROM pg_proc p
		WHERE p.pronamespace = current_schema()::regnamespace AND p.proname !~ '^river_'
		UNION ALL
		SELECT 'constraint ' || c.relname || '.' || o.conname, concat_ws(' ', o.contype, o.convalidated)
		FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid
		WHERE c.relnamespace = current_schema()::regnamespace AND c.relname !~ '^(river|goose)_' AND o.contype IN ('c', 'f', 'p', 'u')
		UNION ALL
		SELECT 'index ' || c.relname, concat_ws(' ', i.indisunique, i.indisvalid, i.indnatts)
		FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
		WHERE i.indisunique AND c.relnamespace = current_schema()::regnamespace AND c.relname !~ '^(river|goose)_'`,
	sqliteDialect: `
		SELECT type || ' ' || name, sql FROM sqlite_master
		WHERE sql IS NOT NULL AND tbl_name NOT LIKE 'river\_%' ESCAPE '\' AND tbl_name NOT LIKE 'goose\_%' ESCAPE '\'
			AND name NOT LIKE 'sqlite\_%' ESCAPE '\'`,
}

// Guards implements creditnotes.VerifyStore.
func (b *books) Guards(ctx context.Context) (checked int, broken []string, err error) {
	there, err := guardsOf(ctx, b.q, b.dialect)
	if err != nil {
		return 0, nil, fmt.Errorf("guards: %w", err)
	}
	expected, err := expectedGuards(b.dialect)
	if err != nil {
		return 0, nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(expected)) {
		if there[name] != expected[name] {
			broken = append(broken, name)
		}
	}
	return len(expected), broken, nil
}

// guardsOf returns the fingerprint of every guard of a database by name.
func guardsOf(ctx context.Context, q querier, d dialect) (map[string]string, error) {
	type guard struct{ name, text string }
	list, err := collect(ctx, q, func(g *guard) []any { return []any{&g.name, &g.text} }, guardQueries[d])
	found := make(map[string]string, len(list))
	for _, g := range list {
		sum := sha256.Sum256([]byte(strings.Join(strings.Fields(g.text), " ")))
		found[g.name] = hex.EncodeToString(sum[:8])
	}
	return found, err
}

// expectedGuards reads the list of guards that the migrations create.
func expectedGuards(d dialect) (map[string]string, error) {
	file, err := guardLists.Open("guards/" + string(d) + ".txt")
	if err != nil {
		return nil, err
	}
	defer file.Close()
	expected := map[string]string{}
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		name, fingerprint, _ := strings.Cut(lines.Text(), "\t")
		expected[name] = fingerprint
	}
	return expected, lines.Err()
}
