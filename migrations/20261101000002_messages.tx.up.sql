create table messenger_messages (
	id uuid primary key,
	organisation_id text not null,
	staff_id text not null,
	channel_id uuid not null references messenger_channels (id),
	seq bigint not null,
	direction text not null check (direction in ('outbound', 'inbound')),
	medium text not null,
	subject text not null default '',
	body text not null,
	words tsvector not null,
	purpose text not null default 'care' check (purpose in ('care', 'service', 'marketing')),
	author_kind text not null check (author_kind in ('staff', 'client', 'system')),
	author_id text not null,
	author_name text not null,
	created_at timestamptz not null,
	send_after timestamptz,
	idempotency_key text,
	idempotency_hash bytea,
	reply_link boolean not null default false,
	override_reason text not null default '',

	to_address text not null default '',
	delivery_status text not null,
	delivery_reason text not null default '',
	delivery_attention text check (delivery_attention in ('delivery_failed', 'delivery_unknown')),
	sends int not null default 1,
	attempts int not null default 0,
	attempt_id uuid,
	attempt_at timestamptz,
	attempt_until timestamptz,
	unclear_at timestamptz,
	first_tried_at timestamptz,
	via text not null default '',
	provider_id text not null default '',
	sent_text text,
	sent_at timestamptz,
	delivered_at timestamptz,

	record_status text not null,
	record_reason text not null default '',
	record_attention text check (record_attention in ('record_failed', 'record_held')),
	record_reference text not null default '',
	record_version text not null default '',
	record_filed_status text not null default '',
	record_saved_at timestamptz,
	record_by_id text not null default '',
	record_by_name text not null default '',
	online_viewing boolean not null default false,

	verified text not null default 'none' check (verified in ('none', 'date_of_birth')),
	in_reply_to uuid,
	form_key text,
	read_at timestamptz,
	read_by text not null default '',
	unique (channel_id, seq)
) with (fillfactor = 80);

create unique index messenger_messages_idempotency on messenger_messages (organisation_id, author_id, idempotency_key) where idempotency_key is not null;
create unique index messenger_messages_form on messenger_messages (channel_id, form_key) where form_key is not null;
create index messenger_messages_unread on messenger_messages (channel_id) where direction = 'inbound' and read_at is null;
create index messenger_messages_attention on messenger_messages (organisation_id, staff_id, channel_id)
	where delivery_attention is not null or record_attention is not null;
