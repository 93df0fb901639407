alter table messenger_channels drop column wrong_dates_ever;
