-- A channel that is joined with another is counted no more, and one that is handed over is counted where it is now. Counters
-- are taken in the order of their inboxes, so that two handovers between the same two wait for one another and never for
-- ever.
create or replace function messenger_inboxes_count_change() returns trigger language plpgsql set search_path from current as $$
declare
	counted record;
begin
	if old.staff_id = new.staff_id and old.moved_to is null and new.moved_to is null then
		update messenger_inboxes
		set unread = unread - (old.status = 'unread')::int + (new.status = 'unread')::int,
			open = open - (old.status = 'open')::int + (new.status = 'open')::int,
			done = done - (old.status = 'done')::int + (new.status = 'done')::int
		where organisation_id = new.organisation_id and staff_id = new.staff_id;
		return null;
	end if;
	for counted in
		select w.staff, sum(w.n * (w.status = 'unread')::int) as unread, sum(w.n * (w.status = 'open')::int) as open,
			sum(w.n * (w.status = 'done')::int) as done
		from (values (old.staff_id, old.status, -1, old.moved_to is null), (new.staff_id, new.status, 1, new.moved_to is null))
			w (staff, status, n, counts)
		where w.counts group by w.staff order by w.staff
	loop
		update messenger_inboxes
		set unread = unread + counted.unread, open = open + counted.open, done = done + counted.done
		where organisation_id = new.organisation_id and staff_id = counted.staff;
		if not found then -- the inbox has its first channel
			insert into messenger_inboxes as i (organisation_id, staff_id, unread, open, done)
			values (new.organisation_id, counted.staff, counted.unread, counted.open, counted.done)
			on conflict (organisation_id, staff_id) do update
				set unread = i.unread + excluded.unread, open = i.open + excluded.open, done = i.done + excluded.done;
		end if;
	end loop;
	return null;
end
$$;

drop trigger messenger_channels_count_change on messenger_channels;
create trigger messenger_channels_count_change after update on messenger_channels
	for each row when (old.status is distinct from new.status or old.staff_id is distinct from new.staff_id
		or old.moved_to is distinct from new.moved_to)
	execute function messenger_inboxes_count_change();

-- Why a message was cancelled. Of those that were before it is not kept: a person did.
alter table messenger_messages add column cancelled_because text not null default '';
