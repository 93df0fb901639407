create table messenger_channels (
	id uuid primary key,
	organisation_id text not null,
	staff_id text not null,
	staff_name text not null,
	client_id text not null,
	client_name text not null,
	client_name_folded text not null,
	status text collate "C" not null check (status in ('unread', 'open', 'done')),
	last_seq bigint not null,
	last_at timestamptz not null,
	last_reply_seq bigint not null default 0,
	last_reply_at timestamptz,
	done_seq bigint not null default 0,
	replies_off_why text check (replies_off_why in ('staff', 'discharged', 'owner_left', 'locked')),
	replies_off_by text not null default '',
	replies_off_at timestamptz,
	link_nonce bytea not null,
	link_key_id text not null,
	link_lookup bytea not null unique,
	wrong_dates int not null default 0,
	locked_until timestamptz,
	link_locked boolean not null default false,
	moved_to uuid references messenger_channels (id),
	created_at timestamptz not null,
	updated_at timestamptz not null,
	check ((replies_off_why is null) = (replies_off_at is null))
) with (fillfactor = 90);

create unique index messenger_channels_one on messenger_channels (organisation_id, staff_id, client_id) where moved_to is null;
create index messenger_channels_inbox on messenger_channels (organisation_id, staff_id, status desc, last_at desc, id desc) where moved_to is null;
create index messenger_channels_notified on messenger_channels (organisation_id, staff_id, last_reply_at desc, id desc) where last_reply_seq > done_seq;
create index messenger_channels_client on messenger_channels (organisation_id, client_id);
create index messenger_channels_locked on messenger_channels (organisation_id, staff_id) where link_locked;
