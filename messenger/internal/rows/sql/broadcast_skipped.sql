-- Recipients beyond fanned_out are not counted yet, or were cancelled.
select client_id, why, n from messenger_broadcast_recipients
where broadcast_id = @id and why is not null and n > @after
	and n < (select fanned_out from messenger_broadcasts where id = @id)
order by n limit @limit
