drop trigger messenger_channels_count_change on messenger_channels;
create trigger messenger_channels_count_change after update on messenger_channels
	for each row when (old.status is distinct from new.status) execute function messenger_inboxes_count_change();

create or replace function messenger_inboxes_count_change() returns trigger language plpgsql set search_path from current as $$
begin
	update messenger_inboxes
	set unread = unread - (old.status = 'unread')::int + (new.status = 'unread')::int,
		open = open - (old.status = 'open')::int + (new.status = 'open')::int,
		done = done - (old.status = 'done')::int + (new.status = 'done')::int
	where organisation_id = new.organisation_id and staff_id = new.staff_id;
	return null;
end
$$;

alter table messenger_messages drop column cancelled_because;
