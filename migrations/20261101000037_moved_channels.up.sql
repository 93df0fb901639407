-- What channels became of one another: a joined one has the history and the links of those that it was joined with.
create index if not exists messenger_channels_moved on messenger_channels (moved_to) where moved_to is not null;
