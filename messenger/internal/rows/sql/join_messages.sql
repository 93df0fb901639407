-- Puts the messages of two held channels into one, in order of time. A channel keeps the order of its own, whatever
-- clocks said. All places are behind those that either has given before: a place that somebody still holds names no
-- other message. A form that came by both keeps its key once.
with placed as (
	select w.id, row_number() over (order by w.at, w.channel_id, w.seq) as n
	from (
		select id, channel_id, seq, max(created_at) over (partition by channel_id order by seq) as at
		from messenger_messages where channel_id in (@from::uuid, @into::uuid)
	) w
)
update messenger_messages m set channel_id = @into, staff_id = @staff, seq = @behind + p.n,
	form_key = case when m.channel_id = @from and exists (
			select from messenger_messages o where o.channel_id = @into and o.form_key = m.form_key)
		then null else m.form_key end,
	overdue_told = case when m.read_at is null and m.staff_id <> @staff then 0 else m.overdue_told end
from placed p
where m.id = p.id
