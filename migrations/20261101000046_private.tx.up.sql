-- A private message keeps the words that stay behind the link here, and the notice that goes out in subject and body: whoever does not know of
-- these columns has the notice alone. When its client first had it on their page, and who took it back, when and why. A draft that is to become one; a
-- broadcast of such messages, whose words wait here likewise.
alter table messenger_messages
	add column private_subject text,
	add column private_body text,
	add column opened_at timestamptz,
	add column withdrawn_at timestamptz,
	add column withdrawn_by text,
	add column withdrawn_reason text;
alter table messenger_drafts add column private boolean not null default false;
alter table messenger_broadcasts add column private_subject text, add column private_body text;
