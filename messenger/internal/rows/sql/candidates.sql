-- The channels that texts went to each of some numbers from, the newest first, ten at most a number.
select w.number, c.id as channel, c.staff_id as staff, c.client_id as client, c.client_name
from (select distinct n from unnest(@numbers::text[]) n) w (number)
cross join lateral (
	select t.channel_id from (
		select m.channel_id, m.created_at from messenger_messages m
		where m.organisation_id = @organisation and m.to_address = w.number and m.medium = 'sms' and m.direction = 'outbound'
		order by m.created_at desc limit 200) t
	group by t.channel_id order by max(t.created_at) desc limit 10) t
join messenger_channels c on c.id = t.channel_id
