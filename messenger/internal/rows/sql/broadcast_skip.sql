update messenger_broadcast_recipients r set why = w.why
from unnest(@numbers::int[], @reasons::text[]) w (n, why)
where r.broadcast_id = @id and r.n = w.n and r.n >= @from and r.n < @to
