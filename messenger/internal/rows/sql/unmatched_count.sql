-- Counts the texts that wait for a person, up to a thousand: all of an organisation's, or those that channels of some
-- inboxes claim: texts went from there to the number, or one from it was put there.
select count(*) from (
	select from messenger_unmatched u
	where u.organisation_id = @organisation and u.assigned_at is null
		and (@all or exists (select from messenger_messages m
			where m.organisation_id = @organisation and m.to_address = u.from_number and m.medium = 'sms'
				and m.direction = 'outbound' and m.staff_id = any(@staff))
			or exists (select from messenger_unmatched o join messenger_messages m on m.id = o.message_id
			where o.organisation_id = @organisation and o.from_number = u.from_number and o.message_id is not null
				and m.staff_id = any(@staff)))
	limit 1000) u
