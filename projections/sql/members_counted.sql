-- How many belong to each cell of a tree at one point, and how many take part there for a time.
WITH RECURSIVE below AS (
    SELECT %(root)s::uuid AS id
    UNION
    SELECT o.organisation_id FROM below b JOIN {organisations} o ON o.superior_id = b.id
    WHERE (o.valid @> %(day)s::date AND o.known @> %(known)s::bigint) IS TRUE
), present AS (
    SELECT m.cell_id AS id, false AS is_guest, m.degree, m.temporary_cell_id IS NOT NULL AS is_away,
           CASE WHEN m.is_suspended THEN 'suspended' WHEN m.is_exempt THEN 'exempt' END AS why
    FROM below b JOIN {spans} m ON m.cell_id = b.id
    WHERE (m.valid @> %(day)s::date AND m.known @> %(known)s::bigint) IS TRUE
    UNION ALL
    SELECT m.temporary_cell_id, true, m.degree, false, NULL
    FROM below b JOIN {spans} m ON m.temporary_cell_id = b.id
    WHERE (m.valid @> %(day)s::date AND m.known @> %(known)s::bigint) IS TRUE
)
SELECT p.id,
       count(*) FILTER (WHERE NOT is_guest AND degree = 'probationary') AS probationary,
       count(*) FILTER (WHERE NOT is_guest AND degree = 'official') AS official,
       count(*) FILTER (WHERE degree = 'official' AND NOT is_away AND why = 'exempt') AS exempt,
       count(*) FILTER (WHERE degree = 'official' AND NOT is_away AND why = 'suspended') AS suspended,
       count(*) FILTER (WHERE degree = 'official' AND is_away) AS away,
       count(*) FILTER (WHERE is_guest) AS guests
FROM present p
GROUP BY p.id
