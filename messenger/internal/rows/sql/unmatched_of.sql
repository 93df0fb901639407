-- The texts that wait for a person: all of an organisation's, or those that the channels of some inboxes claim: texts
-- went from there to the number, or one from it was put there. The newest first, after where a page begins.
select u.id, u.received_at as since, count(*) over () as n
from messenger_unmatched u
where u.organisation_id = @organisation and u.assigned_at is null
	and (@all or exists (select from messenger_messages m
		where m.organisation_id = @organisation and m.to_address = u.from_number and m.medium = 'sms'
			and m.direction = 'outbound' and m.staff_id = any(@inboxes::text[]))
		or exists (select from messenger_unmatched o join messenger_messages m on m.id = o.message_id
		where o.organisation_id = @organisation and o.from_number = u.from_number and o.message_id is not null
			and m.staff_id = any(@inboxes::text[])))
	and (u.received_at, u.id) < (@at::timestamptz, @before::uuid)
order by u.received_at desc, u.id desc
limit @limit
