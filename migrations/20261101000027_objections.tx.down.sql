alter table messenger_unmatched drop column asks;
drop table messenger_objections;
