package messenger

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/cmsmessenger/cmsmessenger/adapters"
	"github.com/cmsmessenger/cmsmessenger/jobs"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/permits"
	"github.com/cmsmessenger/cmsmessenger/messenger/internal/rows"
)

// FileNote is a job: it files one note in the clinical record, under the note's id, so that a second run changes
// nothing there. For as long as the record does not answer it comes again: a note has nobody who would send it again.
// What the record will never take it says, and the host is told.
func (m worker) FileNote(ctx context.Context, id uuid.UUID, attempt int) error {
	note, err := rows.One[rows.Note](ctx, m.db(), rows.All[rows.Note]().Where("n.id = ?", rows.V(id)))
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	if NoteFiling(note.Filing) != NoteFilingWaits || m.config.Record == nil {
		return nil
	}
	f := filedNote{Note: note}
	if f.channel, err = readChannel(ctx, m.db(), note.OrganisationID, note.ChannelID); err != nil {
		return err
	}
	if wait := m.recordTakesNothing(ctx, f.asStored()); wait > 0 {
		return jobs.After(wait)
	}
	permit, err := m.enter(ctx, portRecord, note.OrganisationID)
	if err != nil {
		return err
	}
	defer permit.Leave(permits.None)
	entry, known, err := m.noteEntry(ctx, f)
	if err != nil {
		m.logNoteNotFiled(ctx, f, attempt, "clients", err)
		return m.again(f.asStored(), attempt)
	}
	if !known {
		return m.noteRefused(ctx, f)
	}
	place, err := m.callRecord(ctx, f.asStored(), permit, func(ctx context.Context) (adapters.Filed, error) {
		return m.config.Record.Write(ctx, entry)
	})
	if err != nil {
		return m.noteNotTaken(ctx, f, attempt, err)
	}
	return m.saveNoteFiled(ctx, f, place)
}

// filedNote is a note that is being filed, with the channel in which it stands now.
type filedNote struct {
	rows.Note
	channel rows.Channel
}

// asStored lets the rules by which an organisation's filing waits as a whole speak of a note too. What they write on a
// message they write on none, since a note's id is no message's.
func (f filedNote) asStored() stored {
	return stored{
		Message: rows.Message{ID: f.ID, OrganisationID: f.OrganisationID, ChannelID: f.channel.ID, CreatedAt: f.At},
		Channel: f.channel,
	}
}

// noteEntry is a note for the record, unless the directory does not know its client any more.
func (m *Messenger) noteEntry(ctx context.Context, f filedNote) (entry adapters.Entry, known bool, err error) {
	found, err := m.askDirectory(ctx, f.OrganisationID, f.channel.ClientID)
	if err != nil {
		return adapters.Entry{}, false, err
	}
	client, known := found[f.channel.ClientID]
	by := adapters.Author{Kind: "staff", ID: string(f.AuthorID), Name: f.AuthorName}
	return adapters.Entry{
		Key: f.ID, Channel: f.channel.ID, Organisation: f.OrganisationID, Client: f.channel.ClientID,
		NHSNumber: nhsNumber(client), Direction: adapters.Internal, Note: NoteKind(f.Kind), Text: f.Text,
		Author: by, FiledBy: by, At: f.At.UTC(),
	}, known, nil
}

// noteNotTaken is what follows when the record did not take a note.
func (m *Messenger) noteNotTaken(ctx context.Context, f filedNote, attempt int, err error) error {
	m.logNoteNotFiled(ctx, f, attempt, "record", err)
	if refused(err) != "" {
		return m.noteRefused(ctx, f)
	}
	if why := m.records.failed(f.asStored(), err); why != "" {
		m.pauseRecord(ctx, f.asStored(), why, err)
	}
	if errors.As(err, new(*adapters.RateLimitError)) { // it was no try
		return jobs.After(m.recordTakesNothing(ctx, f.asStored()))
	}
	return m.again(f.asStored(), attempt)
}

func (m *Messenger) logNoteNotFiled(ctx context.Context, f filedNote, attempt int, port string, err error) {
	m.config.Logger.WarnContext(ctx, "messenger: a note was not filed",
		"note_id", f.ID, "port", port, "attempt", attempt, "error", err)
}

// saveNoteFiled says of a note that the record has it.
func (m *Messenger) saveNoteFiled(ctx context.Context, f filedNote, place adapters.Filed) error {
	err := m.insist(ctx, func(ctx context.Context) (err error) {
		for _, id := range []*string{&place.Reference, &place.Version} {
			if *id, err = m.keptID(ctx, m.db(), keepable(*id)); err != nil {
				return err
			}
		}
		_, err = rows.Exec(ctx, m.db(), rows.Update[rows.Note]().Set("filing = ?", rows.V(NoteFiled)).
			Set("record_reference = ?, record_version = ?", rows.V(place.Reference), rows.V(place.Version)).
			Where("id = ? AND filing = ?", rows.V(f.ID), rows.V(NoteFilingWaits)))
		return err
	})
	if err == nil {
		m.telemetry.filed(ctx, RecordSaved, "")
		m.changes.add(f.channel)
	}
	m.recordTook(ctx, f.asStored())
	return err
}

// noteRefused says of a note that it will never be in the record, and tells the host.
func (m *Messenger) noteRefused(ctx context.Context, f filedNote) error {
	return m.noteUnfiled(ctx, f, NoteFilingWaits)
}

// noteUnfiled says of a note that stands so that it is not in the record, and tells the host.
func (m *Messenger) noteUnfiled(ctx context.Context, f filedNote, stands NoteFiling) error {
	err := m.insist(ctx, func(ctx context.Context) error {
		return m.inTx(ctx, func(ctx context.Context, t tx) error {
			n, err := rows.Exec(ctx, t, rows.Update[rows.Note]().Set("filing = ?", rows.V(NoteFilingFailed)).
				Where("id = ? AND filing = ?", rows.V(f.ID), rows.V(stands)))
			if err != nil || n == 0 {
				return err
			}
			return m.tell(ctx, t, string(AttentionRecordFailed), f.channel.ID, uuid.Nil)
		})
	})
	if err == nil {
		m.changes.add(f.channel)
	}
	return err
}
