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
)
SELECT coalesce(sum(CASE now.degree WHEN 'official' THEN 1 ELSE -1 END), 0)
FROM inside i
JOIN {spans} now ON now.cell_id = i.id
JOIN {spans} was ON was.membership_id = now.membership_id
JOIN inside j ON j.id = was.cell_id
WHERE (now.valid && daterange(%(before)s, %(after)s) AND now.known @> %(known)s::bigint) IS TRUE
  AND lower(now.valid) > %(before)s AND lower(now.valid) < %(after)s AND i.days @> lower(now.valid)
  AND (was.valid @> lower(now.valid) - 1 AND was.known @> %(known)s::bigint) IS TRUE
  AND j.days @> lower(now.valid) - 1 AND was.degree <> now.degree
