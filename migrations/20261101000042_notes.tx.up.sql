-- What staff write in a thread for one another. No message: nothing that sends, tells or searches messages knows this table.
create table messenger_notes (
	id uuid primary key,
	organisation_id text not null,
	channel_id uuid not null references messenger_channels (id),
	kind text not null check (kind in ('note', 'call')),
	text text not null,
	author_id text not null,
	author_name text not null,
	at timestamptz not null,
	filing text not null check (filing in ('none', 'pending', 'saved', 'failed')), -- in the clinical record
	record_reference text not null default '',
	record_version text not null default ''
);

create index messenger_notes_channel on messenger_notes (channel_id, at desc);
