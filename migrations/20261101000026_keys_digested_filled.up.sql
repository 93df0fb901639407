-- For the keys there are, a thousand messages in a transaction: nobody waits for longer. Killed, it goes on with those that
-- are left.
do $$
declare
	beyond uuid := '00000000-0000-0000-0000-000000000000';
	batch uuid[];
begin
	loop
		select array_agg(id order by id) into batch
		from (
			select id from messenger_messages
			where id > beyond and idempotency_key is not null and idempotency_key not like ' %'
			order by id limit 1000
		) m;
		exit when batch is null;
		update messenger_messages set idempotency_key = idempotency_key where id = any(batch);
		beyond := batch[array_upper(batch, 1)];
		commit;
	end loop;
	update messenger_broadcasts set idempotency_key = idempotency_key
	where idempotency_key is not null and idempotency_key not like ' %';
end
$$;
