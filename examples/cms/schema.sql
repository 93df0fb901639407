-- The demonstration's own tables. They are made in the schema that the pool's search path names (public, unless
-- DATABASE_URL says otherwise), beside Messenger's messenger_* and River's river_*: a host's tables and Messenger's
-- share a database, and neither touches the other's.
create table cms_organisations (
	id         text primary key,
	name       text not null,
	phone      text not null,
	public_url text not null default '' -- where the web process serves /m: a worker renders the links of what it sends
);

create table cms_staff (
	id              text primary key,
	organisation_id text not null references cms_organisations,
	name            text not null,
	job             text not null,
	may_text        boolean not null,
	manages         boolean not null default false, -- sees to it that no inbox is unwatched, sorts texts, writes templates
	left_at         timestamptz -- since when they work here no more
);

-- Whose inboxes a staff member may open, and act in.
create table cms_shares (
	staff_id     text not null references cms_staff,
	colleague_id text not null references cms_staff,
	may_act      boolean not null,
	primary key (staff_id, colleague_id)
);

create table cms_sessions (
	secret_hash bytea primary key, -- SHA-256 of the cookie: what is read here signs nobody in
	staff_id    text not null references cms_staff,
	created_at  timestamptz not null default now()
);

create table cms_clients (
	id              text primary key,
	organisation_id text not null references cms_organisations,
	name            text not null,
	-- without case and accents, made by the program so that it does not hang on the database's locale
	folded_name     text not null,
	first_name      text not null,
	nhs_number      text not null,
	date_of_birth   date,
	gp_name         text not null,
	gp_ods_code     text not null,
	email           text not null,
	phone           text not null,
	restricted      boolean not null,
	deceased        boolean not null,
	objects         text[] not null, -- the media the client does not want
	in_record       boolean not null, -- false: the clinical record does not know this client yet
	discharged_on   date,
	merged_into     text references cms_clients, -- the client turned out to be this one, and is one no more
	needs           text[] not null default '{}', -- to read or to speak
	language        text not null default '',
	safe_contact    jsonb -- how it is safe to write to them: adapters.SafeContact
);
create index cms_clients_names on cms_clients (organisation_id, folded_name, id);

create table cms_cases (
	client_id text primary key references cms_clients,
	staff_id  text not null references cms_staff,
	reason    text not null,
	opened_on date not null
);

create table cms_client_lists (
	id              text primary key,
	organisation_id text not null references cms_organisations,
	name            text not null,
	position        integer not null
);

create table cms_client_list_members (
	list_id   text not null references cms_client_lists,
	client_id text not null references cms_clients,
	primary key (list_id, client_id)
);

-- What the demonstration's carrier was handed. It stands for a provider, outside the host: it is the one place that
-- holds reply links.
create table cms_outbox (
	reference       text primary key,
	position        bigint generated always as identity,
	message_id      uuid not null,
	organisation_id text not null,
	medium          text not null,
	to_address      text not null,
	subject         text not null,
	body            text not null,
	html            text not null,
	at              timestamptz not null,
	attempts        integer not null default 1
);
create index cms_outbox_newest on cms_outbox (organisation_id, at desc, position desc);

-- The demonstration's clinical record.
create table cms_record (
	message_id      uuid primary key,
	position        bigint generated always as identity,
	organisation_id text not null,
	client_id       text not null,
	nhs_number      text not null,
	direction       text not null,
	medium          text not null,
	author_kind     text not null,
	author_id       text not null,
	author_name     text not null,
	subject         text not null,
	body            text not null,
	status          text not null,
	reason          text not null,
	online_viewing  boolean not null,
	at              timestamptz not null,
	delivered_at    timestamptz,
	version         integer not null default 1,
	attempts        integer not null default 1
);
create index cms_record_newest on cms_record (organisation_id, at desc, position desc);

-- The demonstration keeps its key here so that every process finds it. A real host's keys come from its secret store:
-- who reads a database and its keys together can open the reply links.
create table cms_secrets (
	name   text primary key,
	secret bytea not null
);

create table cms_seeded (
	step text primary key,
	at   timestamptz not null default now()
);
