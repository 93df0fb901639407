-- Tells the listeners of this schema what changed. The topic is topic.sql's.
select pg_notify('messenger_' || left(encode(sha256(convert_to(current_schema(), 'UTF8')), 'hex'), 16), p)
from unnest(@payloads::text[]) p
