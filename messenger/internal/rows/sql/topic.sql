-- The NOTIFY channel of this schema, since those are shared by a whole database, and whether the index of words is
-- there; and whether this role could take away what guards the history.
select 'messenger_' || left(encode(sha256(convert_to(current_schema(), 'UTF8')), 'hex'), 16) as topic,
	exists (select from pg_index
		where indexrelid = to_regclass('messenger_messages_inbox_words') and indisvalid) as indexed,
	exists (select from pg_class t
			where t.relnamespace = current_schema()::regnamespace and t.relkind = 'r' and t.relname ~ '^messenger_'
				and pg_has_role(t.relowner, 'member'))
		or exists (select from pg_namespace n
			where n.oid = current_schema()::regnamespace and pg_has_role(n.nspowner, 'member')) as owns
