-- A staff member's channel with a client, made without a message when there is none.
insert into messenger_channels as c (id, organisation_id, staff_id, staff_name, client_id, client_name,
	client_name_folded,
	status, last_seq, last_at, replies_off_why, replies_off_at, link_nonce, link_key_id, link_lookup, created_at,
		updated_at)
values (@id, @organisation, @staff, @staff_name, @client, @client_name, @client_name_folded,
	'open', 0, @now, @replies_off_why, @replies_off_at, @link_nonce, @link_key_id, @link_lookup, @now, @now)
on conflict (organisation_id, staff_id, client_id) where moved_to is null do update set staff_name = excluded.staff_name
returning id, (id = @id) as created
