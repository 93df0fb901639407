alter table messenger_messages drop column filing_until;
