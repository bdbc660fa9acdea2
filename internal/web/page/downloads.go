package page

import (
	"io"
	"mime"
	"net/http"

	"creditrun/internal/flow"
)

// Media types of the lists.
const (
	TypeCSV  = "text/csv; charset=utf-8"
	TypeXLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	TypeZIP  = "application/zip"
	TypeJSON = "application/json"
	TypeXML  = "application/xml"
	TypePDF  = "application/pdf"
)

// FileCSP lets browsers show a PDF, in a frame of ours, too, and run nothing.
const FileCSP = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; object-src 'self'; frame-ancestors 'self'"

// Stream sends a file while it is written, once there is a place for it among
// the transfers of the visitor. What goes wrong before anything was sent is an
// error like any other; after that the connection breaks off, so that no one
// takes the part for the whole.
func (v *Visit) Stream(mediaType, name string, write func(io.Writer) error) error {
	leave, err := v.gate.Enter(v.R.Context(), v.Name())
	if err != nil {
		return err
	}
	defer leave()
	out := &download{w: v.W, mediaType: mediaType, name: name}
	err = write(out)
	v.log.Info("download", "user", v.Name(), "path", v.R.URL.Path, "bytes", out.sent)
	switch {
	case err == nil:
		out.begin() // an empty file is one, too
		return nil
	case !out.begun:
		return flow.Explain(err)
	case v.R.Context().Err() == nil && !flow.TooSlow(err):
		v.log.Error("download broke off", "path", v.R.URL.Path, "err", err)
	}
	flow.CutOff()
	return err
}

// download is an answer that becomes a file with its first byte.
type download struct {
	w               http.ResponseWriter
	mediaType, name string
	begun           bool
	sent            int64
}

// Write implements io.Writer.
func (d *download) Write(p []byte) (int, error) {
	d.begin()
	n, err := d.w.Write(p)
	d.sent += int64(n)
	return n, err
}

func (d *download) begin() {
	if d.begun {
		return
	}
	d.begun = true
	d.w.Header().Set("Content-Type", d.mediaType)
	d.w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": d.name}))
}
