-- What staff write again and again: of an organisation, or one of its staff members own. Each has versions, of which the last is in
-- use; none is ever deleted.
create table messenger_templates (
	id uuid primary key,
	organisation_id text not null,
	staff_id text, -- whose own it is; null: the organisation has it
	version integer not null check (version > 0), -- the last
	created_at timestamptz not null,
	archived_at timestamptz,
	archived_by text -- a staff id
);

create index messenger_templates_organisation on messenger_templates (organisation_id) where archived_at is null;

create table messenger_template_versions (
	template_id uuid not null references messenger_templates,
	version integer not null check (version > 0),
	medium text not null,
	title text not null,
	title_folded text not null, -- without case and accents, for the search
	subject text not null,
	body text not null,
	language text not null, -- of BCP 47, or empty
	private boolean not null,
	expects text not null, -- acknowledgement, reply or empty
	by_id text not null, -- who wrote it
	by_name text not null,
	at timestamptz not null,
	primary key (template_id, version)
);

-- How often it was sent, by who sent it: on one row for all, those who send at once would wait for one another.
create table messenger_template_uses (
	template_id uuid not null references messenger_templates,
	staff_id text not null,
	uses bigint not null,
	primary key (template_id, staff_id)
);

alter table messenger_messages
	add column template_id uuid,
	add column template_version integer;

alter table messenger_broadcasts
	add column template_id uuid,
	add column template_version integer;

alter table messenger_drafts add column template_id uuid;
