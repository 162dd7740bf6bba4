-- "+ 0": or the least position would be looked for along the whole trail, which without fresh
-- statistics looks cheap (60 ms instead of 0.1).
SELECT {columns},
       (SELECT min(v.position + 0) FROM {lines} v
        WHERE v.voids = l.position
          AND (%(known_at)s::bigint IS NULL OR v.position <= %(known_at)s)) AS voided_by
FROM {source}
WHERE {where}
ORDER BY {position} {order}
LIMIT %(limit)s
