-- Everything below the roots at one point, depth first, siblings in the order of the alphabet.
WITH RECURSIVE below AS (
    SELECT s.{id} AS id, s.sort_key, 0 AS depth
    FROM {spans} s
    WHERE s.{id} = ANY(%(roots)s) AND (s.valid @> %(day)s::date AND s.known @> %(known)s::bigint) IS TRUE
    UNION ALL
    SELECT s.{id}, s.sort_key, b.depth + 1
    FROM below b JOIN {spans} s ON s.superior_id = b.id
    WHERE (s.valid @> %(day)s::date AND s.known @> %(known)s::bigint) IS TRUE AND b.depth < %(depth)s
) SEARCH DEPTH FIRST BY sort_key, id SET place
  CYCLE id SET is_circle USING way
SELECT b.depth, {columns}
FROM below b JOIN {spans} s ON s.{id} = b.id
WHERE NOT b.is_circle AND (s.valid @> %(day)s::date AND s.known @> %(known)s::bigint) IS TRUE
ORDER BY b.place
