-- The channels that texts went to each of some numbers from, or that a text from there was put into, the newest first.
-- All of them: each decides what is shown.
select w.number, c.id as channel, c.staff_id as staff, c.client_id as client, c.client_name
from (select distinct n from unnest(@numbers::text[]) n) w (number)
cross join lateral (
	select t.channel_id, max(t.created_at) as at from (
		select m.channel_id, m.created_at from messenger_messages m
		where m.organisation_id = @organisation and m.to_address = w.number and m.medium = 'sms'
			and m.direction = 'outbound'
		union all
		select m.channel_id, m.created_at from messenger_unmatched u join messenger_messages m on m.id = u.message_id
		where u.organisation_id = @organisation and u.from_number = w.number and u.message_id is not null) t
	group by t.channel_id) t
join messenger_channels c on c.id = t.channel_id
order by w.number, t.at desc, c.id
