-- The handing over of an inbox to a colleague, and of each channel of it: how far it has come stands with what was moved,
-- so that whoever is killed is gone on with.
create table messenger_handovers (
	id uuid primary key,
	organisation_id text not null,
	staff_id text not null,
	to_staff_id text not null,
	by_kind text not null check (by_kind in ('staff', 'system')),
	by_id text not null,
	by_name text not null,
	on_behalf_of text not null,
	note text not null,
	take_unread boolean not null,
	total int not null,
	moved int not null default 0,
	refused int not null default 0,
	created_at timestamptz not null,
	done_at timestamptz
);

create unique index messenger_handovers_running on messenger_handovers (organisation_id, staff_id) where done_at is null;
create index messenger_handovers_inbox on messenger_handovers (organisation_id, staff_id, id desc);

create table messenger_handover_channels (
	handover_id uuid not null references messenger_handovers (id),
	n int not null,
	channel_id uuid not null references messenger_channels (id),
	why text,
	primary key (handover_id, n)
);

create index messenger_handover_channels_refused on messenger_handover_channels (handover_id, n) where why is not null;
