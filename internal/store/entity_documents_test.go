package store_test

import (
	"strings"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
)

func TestDocumentsAboutEntitiesAreKept(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		ctx, pdf := t.Context(), []byte("%PDF-1.7 certificate")
		of := func(entity, name string) creditnotes.EntityDocument {
			return creditnotes.EntityDocument{Entity: entity, Kind: creditnotes.ResellerCertificate, Name: name, Reference: "1 TH 17", ValidFrom: "2026-01-01", ValidUntil: "2026-12-31"}
		}
		first, err := w.s.AddEntityDocument(ctx, "anna", of("a", `C:\certificates\1 TH.pdf`), pdf)
		w.ok(err)
		if first.Name != "1 TH.pdf" || first.MediaType != "application/pdf" || first.Size != int64(len(pdf)) || first.StoredBy != "anna" {
			t.Errorf("%+v", first)
		}
		second, err := w.s.AddEntityDocument(ctx, "anna", of("b", "../b.pdf"), pdf) // the same content of another entity
		w.ok(err)
		refused := func(want string, d creditnotes.EntityDocument, content []byte) {
			t.Helper()
			if _, err := w.s.AddEntityDocument(ctx, "anna", d, content); len(fault.Of(err)) != 1 || fault.Of(err)[0].Key != want {
				t.Errorf("%v, want %s", err, want)
			}
		}
		wrong := of("a", "x.pdf")
		refused("entity_document_twice", wrong, pdf)
		refused("entity_document_type", wrong, []byte("<script>"))
		refused("entity_document_empty", wrong, nil)
		refused("entity_document_too_large", wrong, append(pdf, make([]byte, creditnotes.MostOfEntityDocument)...))
		refused("entity_unknown", of("nobody", "x.pdf"), pdf)
		wrong.ValidUntil = "2025-12-31"
		refused("entity_document_dates", wrong, []byte("%PDF-1.4"))

		if got, content, err := w.s.EntityDocumentContent(ctx, first.ID); err != nil || string(content) != string(pdf) || got.Entity != "a" {
			t.Errorf("%+v, %q, %v", got, content, err)
		}
		w.ok(w.s.WithdrawEntityDocument(ctx, "olga", first.ID, "of another company"))
		if err := w.s.WithdrawEntityDocument(ctx, "olga", first.ID, "again"); !fault.Is(err, fault.Conflict) {
			t.Errorf("%v", err)
		}
		list := func(f creditnotes.EntityDocumentFilter) (names []string) {
			all, err := w.s.EntityDocuments(ctx, f)
			w.ok(err)
			for _, d := range all {
				names = append(names, d.Name+" "+d.State("2026-11-30")+" "+d.WithdrawnBy)
			}
			return names
		}
		same(t, strings.Join(list(creditnotes.EntityDocumentFilter{}), "\n"), "b.pdf ending \n1 TH.pdf withdrawn olga")
		same(t, strings.Join(list(creditnotes.EntityDocumentFilter{Scope: []string{"a"}}), "\n"), "1 TH.pdf withdrawn olga")
		same(t, strings.Join(list(creditnotes.EntityDocumentFilter{Valid: true}), "\n"), "b.pdf ending ")
		w.ok(func() error { _, err := w.s.AddEntityDocument(ctx, "anna", of("a", "1 TH.pdf"), pdf); return err }())

		for _, change := range []string{"UPDATE entity_documents SET content = 'x'", "DELETE FROM entity_documents", "UPDATE entity_document_withdrawals SET reason = 'x'", "DELETE FROM entity_document_withdrawals"} {
			if _, err := w.sql(change); err == nil {
				t.Errorf("the database takes: %s", change)
			}
		}
		proof := func(want ...string) {
			t.Helper()
			v, err := creditnotes.Verify(ctx, w.s, creditnotes.AuditHead{})
			w.ok(err)
			var said []string
			for _, f := range v.Problems {
				if f.Key == "verify_file" || f.Key == "verify_document_gone" {
					said = append(said, f.Error())
				}
			}
			same(t, strings.Join(said, "\n"), strings.Join(want, "\n"))
		}
		proof()
		files := map[string]string{}
		for f, err := range w.s.ArchiveFiles(ctx, 2026) {
			w.ok(err)
			files[f.Folder+"/"+f.Name] = string(f.Content)
		}
		if files["entity-documents/b_b.pdf"] != string(pdf) || second.ID == first.ID {
			t.Errorf("%v", files)
		}
		for f, err := range w.s.ArchiveFiles(ctx, 2027) {
			if w.ok(err); f.Folder == "entity-documents" {
				t.Errorf("%s is not valid in 2027", f.Name)
			}
		}
		for _, table := range w.s.ArchiveTables(2026, time.UTC) {
			rows := 0
			for _, err := range table.Rows(ctx) {
				w.ok(err)
				rows++
			}
			if table.Name == "entity_documents" && rows != 3 {
				t.Errorf("%d rows of documents", rows)
			}
		}
		w.unlock()
		for _, change := range []string{"UPDATE entity_documents SET content = 'x' WHERE id = 1", "DELETE FROM entity_documents WHERE id = 2"} {
			_, err := w.sql(change)
			w.ok(err)
		}
		proof("verify_file file=1 TH.pdf", "verify_document_gone document=2 name=b.pdf")
	})
}
