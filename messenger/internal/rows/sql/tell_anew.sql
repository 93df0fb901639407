-- Has it be told again of the overdue replies of which nobody is left who was told, since the last of them leaves.
update messenger_messages m set overdue_told = 0
where m.organisation_id = @organisation and m.direction = 'inbound' and m.read_at is null and m.overdue_at is not null
	and m.overdue_to @> @staff::text[]
	and not exists (select from unnest(m.overdue_to) o (staff_id) where not exists (select from messenger_leavers l
		where l.organisation_id = m.organisation_id and l.staff_id = o.staff_id))
