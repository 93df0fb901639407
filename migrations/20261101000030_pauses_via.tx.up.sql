-- Which systems a pause is of, as a message says by which it went. A pause may be the directory's too: medium is 'directory' then.
alter table messenger_pauses add column via text not null default '';
