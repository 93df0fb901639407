alter table messenger_broadcasts
	add column cancelled_by_id text not null default '',
	add column cancelled_by_name text not null default '';
