-- The time on the clock at which somebody said that a broadcast goes out, and where that clock hangs: empty for none.
alter table messenger_broadcasts add column send_local text not null default '',
	add column send_zone text not null default '';
