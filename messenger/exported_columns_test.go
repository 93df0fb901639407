package messenger_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cmsmessenger/cmsmessenger/messenger"
)

// notExported says why an export does not have some columns of the tables that it has. What names a row is asked of no
// column.
func notExported() map[string]string {
	left := map[string]string{}
	for reason, columns := range map[string]string{
		"whose it is: the export's own": `messenger_handovers.organisation_id messenger_history.organisation_id
			messenger_messages.organisation_id messenger_notes.organisation_id messenger_messages.staff_id`,
		"a digest, or keeps a repeat from being another": `messenger_broadcasts.idempotency_hash
			messenger_broadcasts.idempotency_key messenger_messages.idempotency_hash messenger_messages.idempotency_key
			messenger_messages.form_key`,
		"a secret": `messenger_channels.link_key_id messenger_channels.link_lookup messenger_channels.link_nonce`,
		"of all its recipients together": `messenger_broadcasts.fanned_out messenger_broadcasts.total
			messenger_messages.broadcast_counted`,
		"of all its channels together": `messenger_handovers.done_at messenger_handovers.moved messenger_handovers.refused
			messenger_handovers.take_unread messenger_handovers.total`,
		"of a message that the export has, for lists": `messenger_channels.last_at messenger_channels.last_created_at
			messenger_channels.last_direction messenger_channels.last_medium messenger_channels.last_message_id
			messenger_channels.last_preview messenger_channels.last_reply_at messenger_channels.last_reply_seq
			messenger_channels.last_send_after messenger_channels.last_seq messenger_channels.unread_count
			messenger_channels.done_seq messenger_channels.link_seq messenger_channels.updated_at`,
		"the same for a search": `messenger_channels.client_name_folded messenger_messages.words
			messenger_template_versions.title_folded`,
		"a worker's own": `messenger_messages.attempt_at messenger_messages.attempt_id messenger_messages.attempt_until
			messenger_messages.filing_until messenger_messages.rechecked_at messenger_messages.unclear_at`,
		"the history has who, or that it was": `messenger_channels.replies_off_by messenger_messages.overdue_at
			messenger_messages.overdue_nobody messenger_messages.overdue_told messenger_messages.overdue_to`,
		"the message that came of it has it": `messenger_broadcasts.reply_link messenger_broadcasts.then_status
			messenger_template_versions.expects messenger_template_versions.medium messenger_template_versions.private`,
		"the message has what it says of it": `messenger_unmatched.body messenger_unmatched.hook
			messenger_unmatched.provider_id messenger_unmatched.received_at`,
		"the history has each retry":               `messenger_messages.sends`,
		"the reminder names it":                    `messenger_messages.reminder_id`,
		"with record_by_id":                        `messenger_messages.record_by_name`,
		"of the entry that record_reference names": `messenger_notes.record_version`,
		"expect_by as a moment":                    `messenger_messages.awaiting_due`,
		"a count that begins anew: the export has all there ever were": `messenger_channels.wrong_dates
			messenger_channels.locked_until`,
		"seals the history":                                   `messenger_history.chain messenger_history.key_id messenger_history.seq`,
		"for the list of what needs a person":                 `messenger_channels.attention_since messenger_messages.attention_since`,
		"where there is a private_body, which the export has": `messenger_broadcasts.private_subject`,
	} {
		for _, column := range strings.Fields(columns) {
			left[column] = reason
		}
	}
	return left
}

// exportsEveryColumn changes each column of what is kept of the client, and looks whether the export is another then.
func exportsEveryColumn(t *testing.T, b *bundle) {
	t.Helper()
	for _, change := range namesOf(t, b, `select format('alter table %s drop constraint %I', conrelid::regclass, conname)
			from pg_constraint where contype in ('c', 'f') and conrelid::regclass::text like 'messenger\_%'
		union all select format('alter table %s disable trigger user', oid::regclass) from pg_class
			where relnamespace = current_schema()::regnamespace and relkind = 'r' and relname like 'messenger\_%'`) {
		exec(t, b, change)
	}
	exported := func() string {
		made, err := b.ExportClient(as(t, "fay"), "grace", messenger.ExportForStaff)
		require.NoError(t, err)
		made.At = time.Time{}
		for i, channel := range made.Channels {
			made.Channels[i].History = slices.DeleteFunc(channel.History, func(line messenger.ExportedLine) bool {
				return line.Action == string(messenger.ActionExported)
			})
		}
		text, err := made.JSON()
		require.NoError(t, err)
		return string(text)
	}
	other := map[string]string{
		"text": "coalesce(%, '') || 'x'", "bool": "not coalesce(%, false)", "uuid": "gen_random_uuid()",
		"timestamptz": "coalesce(%, now()) + interval '1 day'", "int8": "coalesce(%, 0) + 7", "int4": "coalesce(%, 0) + 7",
		"date": "coalesce(%, now()::date) + 7", "_text": "array_append(%, 'x')",
		"bytea": "coalesce(%, '') || '\\x01'::bytea", "int2": "coalesce(%, 0) + 7",
	}
	before, reasons := exported(), notExported()
	for _, one := range namesOf(t, b, `select concat_ws('|', c.relname, a.attname, t.typname,
				string_agg(format('n.%1$s = kept.%1$s', k.attname), ' and '))
			from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
			join pg_type t on t.oid = a.atttypid
			join pg_index i on i.indrelid = c.oid and i.indisprimary and a.attnum <> all(i.indkey)
			join pg_attribute k on k.attrelid = c.oid and k.attnum = any(i.indkey)
		where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r' and c.relname like 'messenger\_%'
		group by c.relname, a.attname, t.typname order by 1`) {
		part := strings.Split(one, "|")
		table, column, name := part[0], part[1], part[0]+"."+part[1]
		if whereExported()[table] != "yes" || reasons[name] != "" {
			delete(reasons, name)
			continue
		}
		exec(t, b, "create table kept as select * from "+table)
		exec(t, b, "update "+table+" set "+column+" = "+strings.ReplaceAll(other[part[2]], "%", column))
		differs := exported() != before
		require.True(t, differs,
			"%s is in no export: put it there, or say in notExported why it is not", name)
		exec(t, b, "update "+table+" n set "+column+" = kept."+column+" from kept where "+part[3])
		exec(t, b, "drop table kept")
	}
	require.Equal(t, before, exported(), "as it was")
	require.Empty(t, reasons, "columns that are no more")
}
