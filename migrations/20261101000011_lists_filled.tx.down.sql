select 1; -- the columns go with the migration before
