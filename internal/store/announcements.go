package store

import (
	"context"
	"strconv"
	"strings"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
)

// announcementRow is a row of announcements.
type announcementRow struct {
	ID          int64      `gorm:"column:id"`
	Entity      string     `gorm:"column:entity_key"`
	Title       string     `gorm:"column:title"`
	Text        string     `gorm:"column:text"`
	Until       string     `gorm:"column:until"`
	AnnouncedAt time.Time  `gorm:"column:announced_at"`
	AnnouncedBy string     `gorm:"column:announced_by"`
	WithdrawnAt *time.Time `gorm:"column:withdrawn_at"`
	WithdrawnBy string     `gorm:"column:withdrawn_by"`
}

// TableName implements schema.Tabler.
func (announcementRow) TableName() string { return "announcements" }

func (r *announcementRow) domain() creditnotes.Announcement {
	return creditnotes.Announcement{
		ID: r.ID, Entity: r.Entity, Title: r.Title, Text: r.Text, Until: entities.Date(r.Until), AnnouncedAt: r.AnnouncedAt.UTC(), AnnouncedBy: r.AnnouncedBy,
		WithdrawnAt: orZero(r.WithdrawnAt).UTC(), WithdrawnBy: r.WithdrawnBy,
	}
}

// Announce shows a text in the portal: to the Sub-CPO of an entity, or with an
// empty key to all, until the end of a day or, without one, until it is
// withdrawn. It returns the id.
func (s *Store) Announce(ctx context.Context, who string, a creditnotes.Announcement) (id int64, err error) {
	a.Title, a.Text = strings.TrimSpace(a.Title), strings.TrimSpace(a.Text)
	switch {
	case a.Title == "":
		return 0, fault.New(fault.Usage, "thread_without_title", nil).At("title")
	case a.Text == "":
		return 0, fault.New(fault.Usage, "message_without_text", nil).At("text")
	}
	if a.Until != "" {
		if _, err := entities.ParseDate(string(a.Until)); err != nil {
			return 0, fault.Wrap(fault.Invalid, "filter_date_invalid", fault.Args{"value": string(a.Until)}, err).At("until")
		}
	}
	err = s.inTx(ctx, func(tx *Tx) error {
		if a.Entity != "" {
			if _, err := tx.subCPO(who, a.Entity); err != nil {
				return err
			}
		}
		if id, err = tx.takeIDs("announcements", 1); err != nil {
			return err
		}
		row := announcementRow{ID: id, Entity: a.Entity, Title: a.Title, Text: a.Text, Until: string(a.Until), AnnouncedAt: utc(tx.now()), AnnouncedBy: who}
		if err := create(tx.db, row); err != nil {
			return err
		}
		return tx.audit(Entry{Who: who, Action: "announcement.made", Subject: strconv.FormatInt(id, 10), After: a.Title + "\n" + a.Text})
	})
	return id, err
}

// WithdrawAnnouncement ends an announcement. An unknown one is a NotFound fault,
// one that was withdrawn a Conflict fault.
func (s *Store) WithdrawAnnouncement(ctx context.Context, who string, id int64) error {
	return s.inTx(ctx, func(tx *Tx) error {
		row, err := first[announcementRow](tx.forUpdate().Where("id = ?", id))
		switch {
		case err != nil:
			return err
		case row == nil:
			return fault.New(fault.NotFound, "announcement_unknown", fault.Args{"announcement": id})
		case row.WithdrawnAt != nil:
			return fault.New(fault.Conflict, "announcement_withdrawn", fault.Args{"title": row.Title})
		}
		ended := tx.db.Model(row).Updates(set{"withdrawn_at": tx.now(), "withdrawn_by": who})
		if err := inTable(ended); err != nil {
			return err
		}
		return tx.audit(Entry{Who: who, Action: "announcement.withdrawn", Subject: strconv.FormatInt(id, 10), Before: row.Title})
	})
}

// Announcements lists announcements, the latest first: those below an id, which
// is 0 for the first page, and at most so many.
func (s *Store) Announcements(ctx context.Context, below int64, limit int) ([]creditnotes.Announcement, error) {
	query := s.db(ctx).Order("id DESC").Limit(limit)
	if below > 0 {
		query = query.Where("id < ?", below)
	}
	rows, err := find[announcementRow](query)
	return announcementsOf(rows), err
}

// mostShown is how many announcements the portal shows.
const mostShown = 20

// ShownAnnouncements lists what the Sub-CPOs of some entities are shown on a
// day, the latest first.
func (s *Store) ShownAnnouncements(ctx context.Context, scope []string, day entities.Date) ([]creditnotes.Announcement, error) {
	keys := append([]string{""}, scope...)
	rows, err := find[announcementRow](s.db(ctx).Where("withdrawn_at IS NULL AND entity_key IN ? AND (until = '' OR until >= ?)", keys, string(day)).
		Order("id DESC").Limit(mostShown))
	return announcementsOf(rows), err
}

func announcementsOf(rows []announcementRow) []creditnotes.Announcement {
	list := make([]creditnotes.Announcement, len(rows))
	for i := range rows {
		list[i] = rows[i].domain()
	}
	return list
}
