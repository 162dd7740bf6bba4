-- Who came under an organisation and who went, day by day of a period, and how.
--
-- The period is [before, after): `before` is the day before its first one. An organisation's days
-- under the root are told first (it may come under another one); then when each member was in one of
-- its cells. Whoever was there all the time did not move; of the others, the days on which they came
-- and went are looked at from both sides. OFFSET 0 and ANY keep to the indexes by id: how many there
-- are cannot be guessed.
WITH RECURSIVE within AS (
    SELECT o.organisation_id AS id, o.valid * daterange(%(before)s, %(after)s) AS days, 0 AS depth
    FROM {organisations} o
    WHERE o.organisation_id = ANY(ARRAY[%(root)s]::uuid[])
      AND (o.valid && daterange(%(before)s, %(after)s) AND o.known @> %(known)s::bigint) IS TRUE
    UNION ALL
    SELECT o.organisation_id, o.valid * w.days, w.depth + 1
    FROM within w JOIN {organisations} o ON o.superior_id = w.id
    WHERE (o.valid && w.days AND o.known @> %(known)s::bigint) IS TRUE AND w.depth < %(depth)s
), inside AS MATERIALIZED (
    SELECT id, range_agg(days) AS days FROM within GROUP BY id
), pieces AS (
    SELECT m.membership_id, piece
    FROM inside i CROSS JOIN LATERAL (
        SELECT m.membership_id, m.valid FROM {spans} m
        WHERE m.cell_id = i.id AND (m.valid && daterange(%(before)s, %(after)s)
               AND m.known @> %(known)s::bigint) IS TRUE
        OFFSET 0
    ) m CROSS JOIN LATERAL unnest(datemultirange(m.valid) * i.days) AS piece
    WHERE NOT piece @> daterange(%(before)s, %(after)s)
), stays AS (
    SELECT membership_id, unnest(range_agg(piece)) AS stay FROM pieces GROUP BY membership_id
), moves AS (
    SELECT membership_id, lower(stay) AS day, true AS is_in FROM stays WHERE lower(stay) > %(before)s
    UNION ALL
    SELECT membership_id, upper(stay), false FROM stays WHERE upper(stay) < %(after)s
), told AS MATERIALIZED (
    SELECT v.day, v.is_in, v.membership_id,
           CASE WHEN v.is_in THEN now.degree ELSE was.degree END AS degree,
           CASE WHEN v.is_in THEN was.cell_id ELSE now.cell_id END AS other_id,
           CASE WHEN v.is_in AND was.membership_id IS NULL THEN now.begun_by
                WHEN NOT v.is_in AND now.membership_id IS NULL THEN was.ended_by
                WHEN was.cell_id = now.cell_id OR now.came_by = 'reorganisation'
                    THEN 'reorganisation'
                ELSE 'transfer' END AS how
    FROM moves v
    LEFT JOIN LATERAL (
        SELECT * FROM {spans} m WHERE m.membership_id = ANY(ARRAY[v.membership_id])
           AND (m.valid @> v.day - 1 AND m.known @> %(known)s::bigint) IS TRUE OFFSET 0
    ) was ON true
    LEFT JOIN LATERAL (
        SELECT * FROM {spans} m WHERE m.membership_id = ANY(ARRAY[v.membership_id])
           AND (m.valid @> v.day AND m.known @> %(known)s::bigint) IS TRUE OFFSET 0
    ) now ON true
), upward AS (
    SELECT DISTINCT other_id AS id, CASE WHEN is_in THEN day - 1 ELSE day END AS day
    FROM told WHERE how = 'transfer' AND other_id IS NOT NULL
    UNION
    SELECT DISTINCT %(root)s::uuid, CASE WHEN is_in THEN day - 1 ELSE day END
    FROM told WHERE how = 'transfer'
), climbing AS (
    SELECT id, day, id AS at FROM upward
    UNION
    SELECT c.id, c.day, o.superior_id
    FROM climbing c CROSS JOIN LATERAL (
        SELECT o.superior_id FROM {organisations} o WHERE o.organisation_id = ANY(ARRAY[c.at])
           AND (o.valid @> c.day AND o.known @> %(known)s::bigint) IS TRUE OFFSET 0
    ) o WHERE o.superior_id IS NOT NULL
), shared AS (  -- whether it and the root stand under (or are) one and the same top organisation
    SELECT c.id, c.day, true AS is_near
    FROM climbing c
    JOIN climbing r ON r.id = %(root)s::uuid AND r.day = c.day AND r.at = c.at
    JOIN {organisations} o ON o.organisation_id = c.at AND o.superior_id IS NULL
         AND (o.valid @> c.day AND o.known @> %(known)s::bigint) IS TRUE
)
SELECT t.day, t.membership_id, t.is_in, t.how, t.degree, t.other_id,
       coalesce(s.is_near, false) AS is_near
FROM told t
LEFT JOIN shared s ON t.how = 'transfer' AND s.id = t.other_id
     AND s.day = CASE WHEN t.is_in THEN t.day - 1 ELSE t.day END
