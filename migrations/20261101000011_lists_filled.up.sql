-- For the channels there are, a thousand in a transaction: nobody waits for longer. Killed, it goes on with those that are left.
do $$
declare
	beyond uuid := '00000000-0000-0000-0000-000000000000';
	batch uuid[];
begin
	loop
		select array_agg(id order by id) into batch
		from (select id from messenger_channels where id > beyond order by id limit 1000) c;
		exit when batch is null;
		update messenger_channels c
		set unread_count = (select count(*) from messenger_messages u where u.channel_id = c.id and u.direction = 'inbound' and u.read_at is null),
			last_message_id = m.id, last_direction = m.direction, last_medium = m.medium, last_preview = left(m.body, 140), last_created_at = m.created_at
		from messenger_messages m
		where c.id = any(batch) and c.last_message_id is null and m.channel_id = c.id and m.seq = c.last_seq;
		beyond := batch[array_upper(batch, 1)];
		commit;
	end loop;
end
$$;
