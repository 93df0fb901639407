-- What is held for an operator is nobody's: an earlier build would have no place for it.
delete from messenger_unmatched where organisation_id is null;
alter table messenger_unmatched alter column organisation_id set not null;
