insert into messenger_broadcast_counts as c (broadcast_id, shard, cancelled) values (@id, @shard, @cancelled)
on conflict (broadcast_id, shard) do update set cancelled = c.cancelled + excluded.cancelled
