SELECT {columns},
       (SELECT min(v.position) FROM {lines} v
        WHERE v.voids = l.position
          AND (%(known_at)s::bigint IS NULL OR v.position <= %(known_at)s)) AS voided_by
FROM {source}
WHERE {where}
ORDER BY {position} {order}
LIMIT %(limit)s
