delete from messenger_pauses where medium = 'directory';
alter table messenger_pauses drop column via;
