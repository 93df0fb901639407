-- Each line of a history is sealed to the one before it, so that an edit, a deletion, a gap and another order show. Messenger gives a line's tag
-- as its chain: an HMAC of the line under a key that is not in the database. What is kept is a hash of that tag, of the line before and of the
-- line's number, and the tag no more: without the key nobody makes it again. A line that has its number already is one that is restored.
-- Lines from before this migration, and those of the version before beside which this one starts, have none of it.
alter table messenger_history
	add column seq bigint,
	add column chain bytea,
	add column key_id text;
alter table messenger_inbox_history
	add column seq bigint,
	add column chain bytea,
	add column key_id text;

-- Where each chain ends: what is cut off at the end of a history is missed here. No foreign key: one whose channel is gone is to stay.
create table messenger_history_heads (
	channel_id uuid primary key,
	seq bigint not null,
	chain bytea not null
) with (fillfactor = 80);
create table messenger_inbox_history_heads (
	organisation_id text not null,
	staff_id text not null,
	seq bigint not null,
	chain bytea not null,
	primary key (organisation_id, staff_id)
) with (fillfactor = 80);

create function messenger_history_is_chained() returns trigger language plpgsql as $$
begin
	if new.chain is null or new.seq is not null then
		return new;
	end if;
	insert into messenger_history_heads as h (channel_id, seq, chain)
	values (new.channel_id, 1, sha256(uuid_send(new.channel_id) || int8send(1) || new.chain))
	on conflict (channel_id) do update set seq = h.seq + 1,
		chain = sha256(h.chain || uuid_send(new.channel_id) || int8send(h.seq + 1) || new.chain)
	returning h.seq, h.chain into new.seq, new.chain;
	return new;
end
$$;
create function messenger_inbox_history_is_chained() returns trigger language plpgsql as $$
begin
	if new.chain is null or new.seq is not null then
		return new;
	end if;
	insert into messenger_inbox_history_heads as h (organisation_id, staff_id, seq, chain)
	values (new.organisation_id, new.staff_id, 1, sha256(int8send(1) || new.chain))
	on conflict (organisation_id, staff_id) do update set seq = h.seq + 1,
		chain = sha256(h.chain || int8send(h.seq + 1) || new.chain)
	returning h.seq, h.chain into new.seq, new.chain;
	return new;
end
$$;

create trigger messenger_history_chain before insert on messenger_history
	for each row execute function messenger_history_is_chained();
create trigger messenger_inbox_history_chain before insert on messenger_inbox_history
	for each row execute function messenger_inbox_history_is_chained();
