-- Counts the texts that wait for a person, up to a thousand: all of an organisation's, or those from numbers that were
-- texted from one inbox.
select count(*) from (
	select from messenger_unmatched u
	where u.organisation_id = @organisation and u.assigned_at is null
		and (@all or exists (select from messenger_messages m
			where m.organisation_id = @organisation and m.to_address = u.from_number and m.medium = 'sms'
				and m.direction = 'outbound' and m.staff_id = @staff))
	limit 1000) u
