-- Of whom an export was that stands in an inbox's history, since the client had no channel, and for whom it was. Both are in the line's seal.
alter table messenger_inbox_history
	add column client_id text not null default '',
	add column note text not null default '';
