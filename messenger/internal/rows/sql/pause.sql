-- Keeps every process from a provider, or from the record, for so many seconds, by the database's clock. Where it goes
-- on and on, it is half as long as that has lasted, @most at most. Answers how long that is.
insert into messenger_pauses as p (organisation_id, medium, until, why, via)
values (@organisation, @medium, now() + make_interval(secs => @wait), @why, @via)
on conflict (organisation_id, medium) do update set
	until = greatest(p.until, now() + make_interval(secs => least(@most, greatest(@wait,
		case when p.until > now() - interval '5 minutes' then extract(epoch from now() - p.since) / 2 else 0 end)))),
	why = excluded.why,
	via = excluded.via,
	since = case when p.until > now() - interval '5 minutes' then p.since else excluded.since end
returning extract(epoch from p.until - now())::float8
