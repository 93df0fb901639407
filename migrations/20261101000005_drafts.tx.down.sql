drop table messenger_drafts;
