select 1; -- the column goes with the migration before, and an earlier build writes the rest as it did
