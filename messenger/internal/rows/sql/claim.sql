-- Gives a message to an attempt, unless another has it by now. The lease goes by the database's clock: workers' may
-- differ. A message that is claimed to be looked up is not an attempt yet: unclear_at becomes the time of the one that
-- is asked about.
update messenger_messages
set delivery_status = 'sending',
	attempt_id = @attempt,
	attempts = attempts + (delivery_status <> 'sending')::int,
	unclear_at = case when delivery_status = 'sending' then attempt_at else unclear_at end,
	attempt_at = case when delivery_status = 'sending' then attempt_at else now() end,
	attempt_until = now() + make_interval(secs => @lease),
	delivery_waiting = case when delivery_waiting = 'safe_hours' then '' else delivery_waiting end,
	first_tried_at = coalesce(first_tried_at, now())
where id = @id
	and delivery_status = @status
	and attempt_id is not distinct from @held_by
	and coalesce(attempt_until <= now(), true)
returning first_tried_at, unclear_at
