-- What was made under an Idempotency-Key, of what is no message and no broadcast: those have theirs in their own rows.
create table messenger_made_once (
	organisation_id text not null,
	staff_id text not null, -- who made it
	key text not null, -- a digest
	hash bytea not null, -- of what was asked for
	made_id uuid not null,
	at timestamptz not null,
	primary key (organisation_id, staff_id, key)
);
