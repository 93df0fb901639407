-- Holds the messages of channels, or what of them is scheduled or awaits an answer, in the order in which workers take
-- several: see inLockOrder.
select m.id from messenger_messages m
where m.channel_id = any(@channels::text[]::uuid[])
	and (not @waiting::boolean or m.delivery_status = 'scheduled' or m.awaiting = 'waiting')
order by coalesce(m.broadcast_id, '00000000-0000-0000-0000-000000000000'), ('x' || right(m.id::text, 1))::bit(4)::int, m.id
for no key update
