-- Histories in the order of their chains, for whoever verifies them: page by page, however long one is. The condition
-- holds for every line. Who does not name it, as who reads one history, goes on by the index that was made for that.
create index if not exists messenger_history_in_order
	on messenger_history (channel_id, coalesce(seq, 0), id) where seq is null or seq is not null;
create index if not exists messenger_inbox_history_in_order
	on messenger_inbox_history (organisation_id, staff_id, coalesce(seq, 0), id) where seq is null or seq is not null;
