package web

import (
	"io"
	"mime"
	"net/http"

	"creditrun/internal/flow"
)

// Media types of the lists.
const (
	typeCSV  = "text/csv; charset=utf-8"
	typeXLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	typeZIP  = "application/zip"
	typeJSON = "application/json"
)

// stream sends a file while it is written, once there is a place for it among
// the transfers of the visitor. What goes wrong before anything was sent is an
// error like any other; after that the connection breaks off, so that no one
// takes the part for the whole.
func (v *visit) stream(mediaType, name string, write func(io.Writer) error) error {
	leave, err := v.Gate.Enter(v.r.Context(), v.name())
	if err != nil {
		return err
	}
	defer leave()
	out := &download{w: v.w, mediaType: mediaType, name: name}
	err = write(out)
	v.Log.Info("download", "user", v.name(), "path", v.r.URL.Path, "bytes", out.sent)
	switch {
	case err == nil:
		out.begin() // an empty file is one, too
		return nil
	case !out.begun:
		return flow.Explain(err)
	case v.r.Context().Err() == nil && !flow.TooSlow(err):
		v.Log.Error("download broke off", "path", v.r.URL.Path, "err", err)
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
