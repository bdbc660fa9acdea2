package store

import (
	"iter"

	"creditrun/internal/fault"
)

// rowImport is an import of records of any kind on its way: what is refused of
// them.
type rowImport struct {
	opts     ImportOptions
	read     int
	rejected int
	faults   fault.List // without KeepGoing: why the file is refused
}

// inChunks reads a source to its end and hands out its good records, some at a
// time. Once a record was refused and the file is to be refused, it only goes on
// to find more.
func inChunks[T any](source iter.Seq2[T, error], run *rowImport, take func([]T) error) error {
	var list []T
	flush := func() error {
		if len(list) == 0 || run.faults != nil {
			return nil
		}
		err := take(list)
		list = list[:0]
		if run.opts.Progress != nil {
			run.opts.Progress(run.read)
		}
		return err
	}
	for one, err := range source {
		run.read++
		switch {
		case err != nil && !isRecord(err):
			return err
		case err != nil:
			if err := run.reject(err); err != nil {
				return err
			}
		default:
			list = append(list, one)
		}
		if len(list) == importBatch {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if err := flush(); err != nil {
		return err
	}
	return run.faults.Err()
}

// reject takes note of a bad record. The error ends the import.
func (r *rowImport) reject(err error) error {
	r.rejected++
	if r.opts.Rejected != nil {
		r.opts.Rejected(err)
	}
	if r.opts.KeepGoing {
		return nil
	}
	if r.faults = append(r.faults, fault.Of(err)...); len(r.faults) >= mostRejected {
		return r.faults
	}
	return nil
}

// refuse rejects a record that reads well and does not fit what is stored.
func (r *rowImport) refuse(line int, record, field, expected, got string) error {
	return r.reject(fault.List{fault.New(fault.Invalid, "file_record", fault.Args{
		"file": r.opts.Name, "line": line, "field": field, "expected": expected, "got": got, "record": record,
	})})
}
