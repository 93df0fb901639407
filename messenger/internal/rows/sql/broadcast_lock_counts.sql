insert into messenger_broadcast_counts as c (broadcast_id, shard)
select @id, n from generate_series(0, @shards - 1) n order by n
on conflict (broadcast_id, shard) do update set skipped = c.skipped
