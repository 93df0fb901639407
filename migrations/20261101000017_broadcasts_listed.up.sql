-- A person's broadcasts, newest first.
create index if not exists messenger_broadcasts_listed on messenger_broadcasts (organisation_id, staff_id, created_at desc, id desc);
