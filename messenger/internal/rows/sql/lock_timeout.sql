-- bounds each wait for a lock in what is left of this transaction
select set_config('lock_timeout', @wait, true)
