-- The pauses in force, and how many messages have waited long for each, by the small index of what needs a person.
select p.organisation_id, p.medium, p.until, p.why, p.since, p.via, (
	select count(*) from (
		select from messenger_messages a
		where a.organisation_id = p.organisation_id
			and (a.delivery_attention is not null or a.record_attention is not null)
			and case p.medium
				when 'directory' then a.delivery_attention = 'waiting' and a.delivery_waiting = 'directory'
					or a.record_attention = 'waiting' and a.record_waiting = 'directory'
				when 'record' then a.record_attention = 'waiting' and a.record_waiting <> 'directory'
				else a.delivery_attention = 'waiting' and a.delivery_waiting <> 'directory' and a.medium = p.medium end
		limit 1000) a
) as count
from messenger_pauses p
where p.until > now()
order by p.organisation_id, p.medium
