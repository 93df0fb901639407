-- A text that nobody's organisation is known for has none: it waits for an operator.
alter table messenger_unmatched alter column organisation_id drop not null;
