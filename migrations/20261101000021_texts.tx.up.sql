-- Who sorts the texts that no channel claims, as far as they have been seen: until a host gives that to somebody, whoever may send
-- texts does, and nobody at all is an error of health.
create table messenger_text_sorters (
	organisation_id text not null,
	staff_id text not null,
	given boolean not null,
	seen_at timestamptz not null,
	primary key (organisation_id, staff_id)
);

-- A text can be taken out of a channel again: the message is shown no more, and the record amended.
alter table messenger_messages add column unassigned_at timestamptz;

-- The set of actions is Go's. To check each line once more here would ask for a look at all of them with every new action.
alter table messenger_history drop constraint messenger_history_action_check;
