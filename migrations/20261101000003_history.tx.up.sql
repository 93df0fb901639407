create table messenger_history (
	id uuid primary key,
	organisation_id text not null,
	channel_id uuid not null references messenger_channels (id),
	at timestamptz not null,
	actor_kind text not null check (actor_kind in ('staff', 'client', 'system')),
	actor_id text not null,
	actor_name text not null,
	on_behalf_of text not null default '',
	action text not null check (action in ('created', 'sent', 'cancelled', 'replied', 'looked', 'read', 'done', 'opened',
		'replies_on', 'replies_off', 'link_renewed', 'retried', 'resolved')),
	message_id uuid,
	note text not null default ''
);

create index messenger_history_channel on messenger_history (channel_id, id desc);

create function messenger_history_is_append_only() returns trigger language plpgsql as $$
begin
	raise exception 'messenger_history is append-only' using errcode = 'restrict_violation';
end
$$;

create trigger messenger_history_no_change before update or delete on messenger_history
	for each row execute function messenger_history_is_append_only();
create trigger messenger_history_no_truncate before truncate on messenger_history
	for each statement execute function messenger_history_is_append_only();
-- 'always': fires for a session in replica role too
alter table messenger_history enable always trigger messenger_history_no_change;
alter table messenger_history enable always trigger messenger_history_no_truncate;
