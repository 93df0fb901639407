create table messenger_broadcasts (
	id uuid primary key,
	organisation_id text not null,
	staff_id text not null,
	staff_name text not null,
	medium text not null,
	subject text not null,
	body text not null,
	reply_link boolean not null,
	then_status text not null check (then_status in ('open', 'done')),
	send_after timestamptz,
	total int not null,
	fanned_out int not null default 0,
	idempotency_key text,
	idempotency_hash bytea,
	created_at timestamptz not null,
	cancelled_at timestamptz
);

create unique index messenger_broadcasts_idempotency on messenger_broadcasts (organisation_id, staff_id, idempotency_key)
	where idempotency_key is not null;

create table messenger_broadcast_recipients (
	broadcast_id uuid not null references messenger_broadcasts (id),
	n int not null,
	client_id text not null,
	why text,
	message_id uuid,
	primary key (broadcast_id, n)
);

create index messenger_broadcast_recipients_skipped on messenger_broadcast_recipients (broadcast_id, n) where why is not null;

-- What became of a broadcast's messages, counted as it happens and spread over sixteen rows, so that workers do not queue for one. A
-- message that failed and is tried again stays counted as failed until it is sent: progress never goes backwards.
create table messenger_broadcast_counts (
	broadcast_id uuid not null references messenger_broadcasts (id),
	shard int not null,
	skipped int not null default 0,
	sent int not null default 0,
	failed int not null default 0,
	cancelled int not null default 0,
	primary key (broadcast_id, shard)
) with (fillfactor = 50);

alter table messenger_messages
	add column broadcast_id uuid references messenger_broadcasts (id),
	add column broadcast_counted text check (broadcast_counted in ('sent', 'failed', 'cancelled'));

create index messenger_messages_broadcast on messenger_messages (broadcast_id) where broadcast_id is not null;

create function messenger_broadcast_count() returns trigger language plpgsql set search_path from current as $$
declare
	counted text := case
		when new.delivery_status in ('sent', 'delivered') then 'sent'
		when new.delivery_status in ('failed', 'unknown') then 'failed'
		when new.delivery_status = 'cancelled' then 'cancelled' end;
begin
	if counted is null or counted is not distinct from old.broadcast_counted then
		return new;
	end if;
	new.broadcast_counted := counted;
	insert into messenger_broadcast_counts as c (broadcast_id, shard, sent, failed, cancelled)
	values (new.broadcast_id, ('x' || right(new.id::text, 1))::bit(4)::int, (counted = 'sent')::int, (counted = 'failed')::int,
		(counted = 'cancelled')::int)
	on conflict (broadcast_id, shard) do update set
		sent = c.sent + excluded.sent - (old.broadcast_counted is not distinct from 'sent')::int,
		failed = c.failed + excluded.failed - (old.broadcast_counted is not distinct from 'failed')::int,
		cancelled = c.cancelled + excluded.cancelled - (old.broadcast_counted is not distinct from 'cancelled')::int;
	return new;
end
$$;

create trigger messenger_messages_broadcast_count before update on messenger_messages for each row
	when (new.broadcast_id is not null and old.delivery_status is distinct from new.delivery_status)
	execute function messenger_broadcast_count();

-- Until when a provider takes nothing more, for every process alike.
create table messenger_pauses (
	organisation_id text not null,
	medium text not null,
	until timestamptz not null,
	primary key (organisation_id, medium)
);
