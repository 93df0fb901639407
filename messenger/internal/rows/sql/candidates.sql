-- The channels that texts went to each of some numbers from, the newest first. All of them: each decides what is shown.
select w.number, c.id as channel, c.staff_id as staff, c.client_id as client, c.client_name
from (select distinct n from unnest(@numbers::text[]) n) w (number)
cross join lateral (
	select m.channel_id, max(m.created_at) as at from messenger_messages m
	where m.organisation_id = @organisation and m.to_address = w.number and m.medium = 'sms' and m.direction = 'outbound'
	group by m.channel_id) t
join messenger_channels c on c.id = t.channel_id
order by w.number, t.at desc, c.id
