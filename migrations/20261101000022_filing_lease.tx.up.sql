-- Until when nobody else files a message: set once the record takes long over it.
alter table messenger_messages add column filing_until timestamptz;
