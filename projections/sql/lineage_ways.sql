-- OFFSET 0 keeps the indexes: how many are reached cannot be known, and a guess reads all edges.
(
    WITH RECURSIVE reached AS (
        SELECT unnest(%(ids)b::uuid[]) AS id
        UNION
        SELECT w.{there}
        FROM reached r CROSS JOIN LATERAL (
            SELECT {there} FROM {edges}
            WHERE {here} = r.id AND known @> %(known)s::bigint
            OFFSET 0
        ) w
    )
    SELECT g.*
    FROM reached r CROSS JOIN LATERAL (
        SELECT * FROM {edges} WHERE giver = r.id OFFSET 0
    ) g
)
