-- How many probationers became official while under an organisation in the period [before, after).
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
), changed AS MATERIALIZED (
    SELECT now.degree, now.day, was.cell_id
    FROM inside i CROSS JOIN LATERAL (
        SELECT m.membership_id, m.degree, lower(m.valid) AS day FROM {spans} m
        WHERE m.cell_id = i.id AND (m.known @> %(known)s::bigint) IS TRUE
          AND lower(m.valid) > %(before)s AND lower(m.valid) < %(after)s
          AND i.days @> lower(m.valid)
        OFFSET 0
    ) now CROSS JOIN LATERAL (
        SELECT m.cell_id FROM {spans} m
        WHERE m.membership_id = ANY(ARRAY[now.membership_id]) AND m.degree <> now.degree
          AND (m.valid @> now.day - 1 AND m.known @> %(known)s::bigint) IS TRUE
        OFFSET 0
    ) was
)
SELECT coalesce(sum(CASE c.degree WHEN 'official' THEN 1 ELSE -1 END), 0)
FROM changed c JOIN inside j ON j.id = c.cell_id AND j.days @> c.day - 1
