-- An idempotency key is kept as a digest alone: it may have anything in it. A process of an earlier version goes on
-- writing keys as they are, and they become digests here. A space tells a digest from a key, which has none.
create function messenger_key_digest() returns trigger language plpgsql set search_path from current as $$
begin
	new.idempotency_key := ' ' || encode(sha256(convert_to(new.idempotency_key, 'UTF8')), 'hex');
	return new;
end
$$;

create trigger messenger_messages_key before insert or update of idempotency_key on messenger_messages
	for each row when (new.idempotency_key is not null and new.idempotency_key not like ' %')
	execute function messenger_key_digest();

create trigger messenger_broadcasts_key before insert or update of idempotency_key on messenger_broadcasts
	for each row when (new.idempotency_key is not null and new.idempotency_key not like ' %')
	execute function messenger_key_digest();
