with further as (
	update messenger_broadcasts set fanned_out = fanned_out + @made where id = @id
)
insert into messenger_broadcast_counts as c (broadcast_id, shard, skipped) values (@id, @shard, @skipped)
on conflict (broadcast_id, shard) do update set skipped = c.skipped + excluded.skipped
