-- What shows that an inbox changed: its counts, and the time of its newest unread channel.
select w.organisation_id, w.staff_id, concat_ws(' ', i.unread, i.open, i.done, (
		select max(c.last_at) from messenger_channels c
		where c.organisation_id = w.organisation_id and c.staff_id = w.staff_id and c.status = 'unread' and c.moved_to is null
	)) as state
from unnest(@organisations::text[], @staff::text[]) w (organisation_id, staff_id)
left join messenger_inboxes i on i.organisation_id = w.organisation_id and i.staff_id = w.staff_id
