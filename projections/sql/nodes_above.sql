-- Those above a node at one point, the nearest first.
WITH RECURSIVE above AS (
    SELECT s.superior_id AS id, 1 AS depth
    FROM {spans} s
    WHERE s.{id} = %(id)s AND (s.valid @> %(day)s::date AND s.known @> %(known)s::bigint) IS TRUE
    UNION ALL
    SELECT s.superior_id, a.depth + 1
    FROM above a JOIN {spans} s ON s.{id} = a.id
    WHERE (s.valid @> %(day)s::date AND s.known @> %(known)s::bigint) IS TRUE
) CYCLE id SET is_circle USING way
SELECT {columns}
FROM above a JOIN {spans} s ON s.{id} = a.id
WHERE NOT a.is_circle AND s.{id} <> %(id)s
  AND (s.valid @> %(day)s::date AND s.known @> %(known)s::bigint) IS TRUE
ORDER BY a.depth
