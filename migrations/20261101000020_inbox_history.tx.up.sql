-- What happens to an inbox as a whole: who looked into it. Lines are only ever added, as to the history of channels, whose guard it has.
create table messenger_inbox_history (
	id uuid primary key,
	organisation_id text not null,
	staff_id text not null,
	at timestamptz not null,
	actor_kind text not null check (actor_kind in ('staff', 'client', 'system')),
	actor_id text not null,
	actor_name text not null,
	on_behalf_of text not null default '',
	action text not null
);

create index messenger_inbox_history_inbox on messenger_inbox_history (organisation_id, staff_id, id desc);

create trigger messenger_inbox_history_no_change before update or delete on messenger_inbox_history
	for each row execute function messenger_history_is_append_only();
create trigger messenger_inbox_history_no_truncate before truncate on messenger_inbox_history
	for each statement execute function messenger_history_is_append_only();
alter table messenger_inbox_history enable always trigger messenger_inbox_history_no_change;
alter table messenger_inbox_history enable always trigger messenger_inbox_history_no_truncate;
