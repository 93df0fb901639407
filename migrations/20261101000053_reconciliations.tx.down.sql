drop table messenger_reconciliations;
