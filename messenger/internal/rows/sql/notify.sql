-- The topic is the schema's own: package live listens to it.
select pg_notify('messenger_' || left(encode(sha256(convert_to(current_schema(), 'UTF8')), 'hex'), 16), @payload)
