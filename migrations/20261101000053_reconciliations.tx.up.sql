-- What a night's comparison with the providers found, as it was signed.
create table messenger_reconciliations (
	organisation_id text not null,
	at timestamptz not null,
	result text not null,
	primary key (organisation_id, at)
);
