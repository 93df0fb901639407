-- In the index of words each begins with the digit of its inbox's bucket, of which there are sixteen. By the word alone a search for the beginning
-- of a common one read what every inbox has of it. More buckets make the index larger and were little quicker.
-- These functions are never to change: the index holds what they said.
create or replace function messenger_inbox_bucket(staff_id text) returns text language sql immutable parallel safe
	return to_hex(hashtext(staff_id) & 15);

create or replace function messenger_inbox_words(staff_id text, words tsvector) returns tsvector language sql immutable parallel safe
	return replace(' ' || words::text, ' ''', ' ''' || messenger_inbox_bucket(staff_id))::tsvector;

-- The query has a slash where the bucket belongs: no word has one.
create or replace function messenger_inbox_query(staff_id text, query text) returns tsquery language sql immutable parallel safe
	return replace(query, '/', messenger_inbox_bucket(staff_id))::tsquery;
