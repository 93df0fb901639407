-- What shows that an inbox changed: its counts, and the time of its newest unread channel. An inbox of nobody's is the
-- texts that no channel claims.
select w.organisation_id, w.staff_id, concat_ws(' ', i.unread, i.open, i.done, (
		select max(c.last_at) from messenger_channels c
		where c.organisation_id = w.organisation_id and c.staff_id = w.staff_id and c.status = 'unread' and c.moved_to is null
	), case when w.staff_id = '' then (
		select concat_ws(' ', count(*), max(u.received_at)) from messenger_unmatched u
		where u.organisation_id = w.organisation_id and u.assigned_at is null
	) end) as state
from unnest(@organisations::text[], @staff::text[]) w (organisation_id, staff_id)
left join messenger_inboxes i on i.organisation_id = w.organisation_id and i.staff_id = w.staff_id
