-- What PostgreSQL's statistics know of the words of all inboxes, and whether the index of words is there and done.
select exists (select from pg_index
		where indexrelid = to_regclass('messenger_messages_inbox_words') and indisvalid) as indexed,
	greatest(t.reltuples, 0)::float8 as messages, greatest(t.reltuples / greatest(c.reltuples, 1),
		1)::float8 as per_channel,
	coalesce(s.most_common_elems::text::text[], '{}') as words,
		coalesce(s.most_common_elem_freqs::float8[], '{}') as shares
from pg_class t join pg_class c on c.oid = 'messenger_channels'::regclass
left join pg_stats s on s.schemaname = current_schema() and s.tablename = t.relname and s.attname = 'words'
where t.oid = 'messenger_messages'::regclass
