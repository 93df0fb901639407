-- The NOTIFY channel of this schema, since those are shared by a whole database, and whether the index of words is
-- there; and whether this role could take away what guards the history.
select 'messenger_' || left(encode(sha256(convert_to(current_schema(), 'UTF8')), 'hex'), 16) as topic,
	exists (select from pg_index
		where indexrelid = to_regclass('messenger_messages_inbox_words') and indisvalid) as indexed,
	coalesce((select pg_has_role(t.relowner, 'member') from pg_class t where t.oid = to_regclass('messenger_history')),
		false) as owns
