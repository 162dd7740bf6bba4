-- The basis and the rows of what is asked, in one statement; without any, `is_there` is null. The basis comes
-- first: a view is not switched for another while its mark is being read.
WITH basis AS MATERIALIZED ({basis})
SELECT b.head, b.epoch, b.now, b.positions, b.versions, b.decided, b.parked, b.known, asked.*
FROM basis b LEFT JOIN LATERAL (SELECT true AS is_there, q.* FROM ({question}) q) asked ON true
