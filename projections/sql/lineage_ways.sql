e.giver IN (
    WITH RECURSIVE reached AS (
        SELECT unnest(%(ids)b::uuid[]) AS id
        UNION
        SELECT w.{there}
        FROM reached r JOIN {edges} w ON w.{here} = r.id
        WHERE w.known @> %(known)s::bigint
    )
    SELECT id FROM reached
)
