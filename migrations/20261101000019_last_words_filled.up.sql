-- A row shows what a person has to know: the client's words while they are unread, and never words that were cancelled.
-- For the channels that show something else, a thousand in a transaction: nobody waits for longer. Killed, it goes on with
-- those that are left.
do $$
declare
	beyond uuid := '00000000-0000-0000-0000-000000000000';
	batch uuid[];
begin
	loop
		select array_agg(id order by id) into batch
		from (select id from messenger_channels where id > beyond order by id limit 1000) c;
		exit when batch is null;
		update messenger_channels c set
			(last_message_id, last_direction, last_medium, last_preview, last_created_at, last_send_after) = (
				select id, direction, medium, left(body, 140), created_at, send_after from messenger_messages m
				where m.channel_id = c.id and m.delivery_status <> 'cancelled'
					and (c.unread_count = 0 or m.direction = 'inbound')
				order by m.seq desc limit 1)
		where c.id = any(batch) and (c.unread_count > 0 and c.last_direction = 'outbound'
			or exists (select from messenger_messages m where m.id = c.last_message_id
				and (m.delivery_status = 'cancelled' or m.send_after is not null)));
		beyond := batch[array_upper(batch, 1)];
		commit;
	end loop;
end
$$;
