-- Whom texts from a number were assigned to claims the next one too.
create index if not exists messenger_unmatched_from on messenger_unmatched (organisation_id, from_number)
	where message_id is not null;
