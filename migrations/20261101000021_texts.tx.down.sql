alter table messenger_history add constraint messenger_history_action_check check (action in ('created', 'sent', 'cancelled', 'replied',
	'looked', 'read', 'done', 'opened', 'replies_on', 'replies_off', 'link_renewed', 'retried', 'resolved')) not valid;
alter table messenger_messages drop column unassigned_at;
drop table messenger_text_sorters;
