drop table messenger_notes;
