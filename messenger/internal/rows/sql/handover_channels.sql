-- Writes down which channels an inbox has that is handed over, and how many: those with everybody, or some clients.
with listed as (
	insert into messenger_handover_channels (handover_id, n, channel_id)
	select @handover, row_number() over (order by c.id) - 1, c.id from messenger_channels c
	where c.organisation_id = @organisation and c.staff_id = @staff and c.moved_to is null
		and (@everybody::boolean or c.client_id = any(@clients::text[]))
	returning n
)
update messenger_handovers set total = (select count(*) from listed) where id = @handover
returning total
