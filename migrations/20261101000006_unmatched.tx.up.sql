-- Inbound texts wait here for a person: they are never matched to a client by number.
create table messenger_unmatched (
	id uuid primary key,
	organisation_id text not null,
	hook text not null,
	provider_id text not null,
	from_number text not null,
	to_number text not null,
	body text not null,
	at timestamptz not null,
	received_at timestamptz not null,
	assigned_at timestamptz,
	assigned_by text not null default '',
	message_id uuid,
	unique (hook, provider_id)
);

create index messenger_unmatched_waiting on messenger_unmatched (organisation_id, id desc) where assigned_at is null;
create index messenger_messages_texted on messenger_messages (organisation_id, to_address) where medium = 'sms' and direction = 'outbound';
