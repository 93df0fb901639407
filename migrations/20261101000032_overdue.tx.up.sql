-- When a client's reply that nobody had read became overdue; how far that was told, 1 to who reads where its owner does not, 2 to the
-- organisation's fallback too; and which staff were told, and whether
-- nobody was left but who manages. Reading it ends all of it: only of an unread reply do they say anything.
alter table messenger_messages
	add column overdue_at timestamptz,
	add column overdue_told smallint not null default 0,
	add column overdue_to text[],
	add column overdue_nobody boolean not null default false;
