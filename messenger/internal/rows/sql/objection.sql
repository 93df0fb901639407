-- Keeps what was said of texts to a number, unless something later is known. Answers whether the number objected
-- before.
with before as (
	select objects from messenger_objections where organisation_id = @organisation and number = @number
)
insert into messenger_objections as o (organisation_id, number, objects, at)
values (@organisation, @number, @objects, @at)
on conflict (organisation_id, number) do update set objects = excluded.objects, at = excluded.at
	where o.at <= excluded.at
returning coalesce((select objects from before), false)
