-- One counter row an inbox: the only derived state that is stored. It changes in the channel's own transaction, by trigger, so
-- that no statement can forget it. Inserts are counted once a statement: a broadcast makes thousands of channels in one.
create table messenger_inboxes (
	organisation_id text not null,
	staff_id text not null,
	unread bigint not null default 0 check (unread >= 0),
	open bigint not null default 0 check (open >= 0),
	done bigint not null default 0 check (done >= 0),
	primary key (organisation_id, staff_id)
) with (fillfactor = 50);

create function messenger_inboxes_count_new() returns trigger language plpgsql set search_path from current as $$
begin
	insert into messenger_inboxes as i (organisation_id, staff_id, unread, open, done)
	select organisation_id, staff_id, count(*) filter (where status = 'unread'), count(*) filter (where status = 'open'),
		count(*) filter (where status = 'done')
	from added group by organisation_id, staff_id order by organisation_id, staff_id
	on conflict (organisation_id, staff_id) do update
		set unread = i.unread + excluded.unread, open = i.open + excluded.open, done = i.done + excluded.done;
	return null;
end
$$;

create function messenger_inboxes_count_change() returns trigger language plpgsql set search_path from current as $$
begin
	update messenger_inboxes
	set unread = unread - (old.status = 'unread')::int + (new.status = 'unread')::int,
		open = open - (old.status = 'open')::int + (new.status = 'open')::int,
		done = done - (old.status = 'done')::int + (new.status = 'done')::int
	where organisation_id = new.organisation_id and staff_id = new.staff_id;
	return null;
end
$$;

create trigger messenger_channels_count_new after insert on messenger_channels
	referencing new table as added for each statement execute function messenger_inboxes_count_new();
create trigger messenger_channels_count_change after update on messenger_channels
	for each row when (old.status is distinct from new.status) execute function messenger_inboxes_count_change();
