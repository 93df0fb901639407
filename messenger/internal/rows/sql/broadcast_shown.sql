-- Locks the next channels whose rows show a cancelled message of a broadcast, of those that nobody holds.
select c.id from messenger_messages m join messenger_channels c on c.last_message_id = m.id and c.id = m.channel_id
where m.broadcast_id = @broadcast and m.delivery_status = 'cancelled'
order by m.id limit @limit for no key update of c skip locked
