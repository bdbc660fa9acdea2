package mailer

import (
	"context"
	"errors"
	"os"
	"strings"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
)

// Handovers keeps which files go to an access point.
type Handovers interface {
	// QueuedHandovers lists what is not handed over yet, the oldest first.
	QueuedHandovers(ctx context.Context) ([]creditnotes.Handover, error)
	// HandoverFile returns the file that is to be handed over.
	HandoverFile(ctx context.Context, h creditnotes.Handover) (*creditnotes.File, error)
	// HandedOver records that a file was written; a second time changes nothing.
	HandedOver(ctx context.Context, h creditnotes.Handover) error
}

// AccessPoint writes e-invoices of networks into a folder, which an access point
// takes them from.
type AccessPoint struct {
	store  Handovers
	folder *folder
}

// OpenAccessPoint connects a store with the folder of an access point: folder:PATH.
func OpenAccessPoint(target string, s Handovers) *AccessPoint {
	return &AccessPoint{s, &folder{path: strings.TrimPrefix(target, "folder:"), create: createTemp}}
}

// HandOver writes the files that are queued and returns how many. A file appears
// complete or not at all, under the name of its document. One that was written
// by a process that died before it was recorded is written again with the same
// name and bytes. Where the folder cannot be written the rest stays queued, and
// the error is an Unavailable fault.
func (a *AccessPoint) HandOver(ctx context.Context) (written int, err error) {
	queued, err := a.store.QueuedHandovers(ctx)
	if err != nil {
		return 0, err
	}
	for _, h := range queued {
		f, err := a.store.HandoverFile(ctx, h)
		if err != nil {
			return written, err
		}
		if err := a.folder.write(f.Name, f.Content); err != nil {
			return written, unwritable(a.folder.path, err)
		}
		if err := a.store.HandedOver(ctx, h); err != nil {
			return written, err
		}
		written++
	}
	return written, nil
}

func unwritable(path string, err error) error {
	if cause := (*os.PathError)(nil); errors.As(err, &cause) {
		err = cause.Err
	}
	return fault.Wrap(fault.Unavailable, "access_point_unwritable", fault.Args{"path": path}, err)
}
