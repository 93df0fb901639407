-- Who got which message stands in the message: a second row written for each of a hundred thousand told nobody anything.
alter table messenger_broadcast_recipients drop column message_id;
