UPDATE {table} t
SET known = int8range(lower(t.known), c.until)
FROM unnest(%(streams)s::uuid[], %(keys)s::text[], %(until)s::bigint[]) c (stream, key, until)
WHERE t.{stream} = c.stream AND t.{key}::text = c.key AND upper_inf(t.known)
RETURNING c.stream, c.key
