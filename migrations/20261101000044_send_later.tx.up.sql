-- The time on the clock at which somebody said that a message goes out, and where that clock hangs: empty for none. And
-- what keeps it from going out: empty, or a reply that comes first.
alter table messenger_messages add column send_local text not null default '', add column send_zone text not null default '',
	add column unless text not null default '';
alter table messenger_drafts add column send_local text not null default '', add column send_zone text not null default '',
	add column unless text not null default '';
