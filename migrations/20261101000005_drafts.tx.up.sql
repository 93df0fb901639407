create table messenger_drafts (
	organisation_id text not null,
	staff_id text not null,
	client_id text not null,
	medium text not null,
	subject text not null,
	body text not null,
	updated_at timestamptz not null,
	primary key (organisation_id, staff_id, client_id)
);
