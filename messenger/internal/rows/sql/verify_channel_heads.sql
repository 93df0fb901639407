-- The next ends of the chains of channels: gone says that no line is left of one. A limit on what is joined has the
-- index asked for each, and never all lines.
select k.channel_id, '' as staff_id, coalesce(
	(select organisation_id from messenger_channels where id = k.channel_id), '') as organisation_id, h.id is null as gone
from messenger_history_heads k
left join lateral (select id from messenger_history where channel_id = k.channel_id limit 1) h on true
where k.channel_id > @channel
order by k.channel_id limit 1000
