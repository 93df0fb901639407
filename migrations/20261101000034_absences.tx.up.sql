-- When staff are away, and who covers. Who is away now is told by the times: nothing has to run when an absence begins or ends.
create table messenger_absences (
	id uuid primary key,
	organisation_id text not null,
	staff_id text not null, -- who is away
	starts_at timestamptz not null,
	ends_at timestamptz check (ends_at > starts_at), -- null: until somebody says that they are back
	cover_staff_id text not null check (cover_staff_id <> staff_id),
	cover_name text not null,
	note text not null,
	back_id uuid check ((back_id is null) = (ends_at is null)), -- of the line of history that its end by itself is
	ended_at timestamptz -- it was ended before its time, or another took its place
);

create index messenger_absences_inbox on messenger_absences (organisation_id, staff_id);
create index messenger_absences_cover on messenger_absences (organisation_id, cover_staff_id) where ended_at is null;
