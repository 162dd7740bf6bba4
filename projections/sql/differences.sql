-- A row that holds at both points says the same at both. Of the others, one that is alone of its id
-- is there at one point only, and two may differ. In the order of ids: a page ends where it is full.
(SELECT s.{id} AS id
 FROM {spans} s
 WHERE s.{id} > %(after)s::uuid
   AND (s.valid @> %(valid_a)s::date AND s.known @> %(known_a)s::bigint)
    <> (s.valid @> %(valid_b)s::date AND s.known @> %(known_b)s::bigint)
 GROUP BY s.{id}
 HAVING count(*) = 1 OR min({state}) <> max({state})
 ORDER BY s.{id}
 LIMIT %(limit)s)
UNION
(SELECT DISTINCT e.giver
 FROM {edges} e
 WHERE e.category = %(category)s AND e.giver > %(after)s::uuid
   AND (e.on_day <= %(valid_a)s::date AND e.known @> %(known_a)s::bigint)
    <> (e.on_day <= %(valid_b)s::date AND e.known @> %(known_b)s::bigint)
 ORDER BY e.giver
 LIMIT %(limit)s)
ORDER BY 1
LIMIT %(limit)s
