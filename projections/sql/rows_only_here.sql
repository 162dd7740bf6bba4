SELECT to_jsonb(r)::text FROM {here} r
EXCEPT ALL
SELECT to_jsonb(r)::text FROM {there} r
LIMIT %(limit)s
