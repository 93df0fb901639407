-- Replies after this number came by the present link; whether more came than a link takes an hour, and nobody has dealt with it.
alter table messenger_channels
	add column link_seq bigint not null default 0,
	add column reply_flood boolean not null default false;
