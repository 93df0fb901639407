drop table messenger_absences;
