-- Keeps every process from a provider for so many seconds, by the database's clock.
insert into messenger_pauses as p (organisation_id, medium, until)
values (@organisation, @medium, now() + make_interval(secs => @wait))
on conflict (organisation_id, medium) do update set until = greatest(p.until, excluded.until)
