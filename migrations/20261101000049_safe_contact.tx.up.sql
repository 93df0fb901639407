-- That whoever sent a message went beyond what the client says is safe, with a reason, which stands in the history; and
-- that neither staff nor organisation may be named to the client.
alter table messenger_messages
	add column safe_lifted boolean not null default false,
	add column neutral boolean not null default false;
