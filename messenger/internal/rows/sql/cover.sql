-- Who covers an inbox at a time, while its owner is away. Who is away covers nothing: covering.sql says the same.
select a.cover_staff_id as staff_id, a.cover_name as name, a.ends_at as until
from messenger_absences a
where a.organisation_id = @organisation and a.staff_id = @staff and a.ended_at is null
	and a.starts_at <= @now::timestamptz and (a.ends_at is null or a.ends_at > @now::timestamptz)
	and not exists (select from messenger_absences w
		where w.organisation_id = a.organisation_id and w.staff_id = a.cover_staff_id and w.ended_at is null
			and w.starts_at <= @now::timestamptz and (w.ends_at is null or w.ends_at > @now::timestamptz))
