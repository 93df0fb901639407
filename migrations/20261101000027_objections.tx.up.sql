-- What the holder of a number last said of text messages: no more (STOP), or again (START). The number alone tells nobody whose
-- it is: whoever shares it shares what was said.
create table messenger_objections (
	organisation_id text not null,
	number text not null,
	objects boolean not null,
	at timestamptz not null,
	primary key (organisation_id, number)
);

-- What a text says of texts, "stop" or "start": of one that is held it counts once somebody knows whose it is.
alter table messenger_unmatched add column asks text not null default '';
