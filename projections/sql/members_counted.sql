-- How many belong to each cell of a tree at one point, and how many take part there for a time.
-- OFFSET 0 keeps to the cells: how large a tree is cannot be guessed, and one cell is asked for, too.
WITH RECURSIVE below AS (
    SELECT o.organisation_id AS id FROM {organisations} o
    WHERE o.organisation_id = ANY(ARRAY[%(root)s]::uuid[])
      AND (o.valid @> %(day)s::date AND o.known @> %(known)s::bigint) IS TRUE
    UNION
    SELECT o.organisation_id FROM below b JOIN {organisations} o ON o.superior_id = b.id
    WHERE (o.valid @> %(day)s::date AND o.known @> %(known)s::bigint) IS TRUE
)
SELECT b.id,
       count(*) FILTER (WHERE belongs AND degree = 'probationary') AS probationary,
       count(*) FILTER (WHERE belongs AND degree = 'official') AS official,
       count(*) FILTER (WHERE belongs AND degree = 'official' AND temporary_cell_id IS NULL
                              AND is_exempt AND NOT is_suspended) AS exempt,
       count(*) FILTER (WHERE belongs AND degree = 'official' AND temporary_cell_id IS NULL
                              AND is_suspended) AS suspended,
       count(*) FILTER (WHERE belongs AND degree = 'official' AND temporary_cell_id IS NOT NULL)
           AS away,
       count(*) FILTER (WHERE NOT belongs) AS guests
FROM below b CROSS JOIN LATERAL (
    SELECT true AS belongs, m.degree, m.temporary_cell_id, m.is_exempt, m.is_suspended
    FROM {spans} m
    WHERE m.cell_id = b.id AND (m.valid @> %(day)s::date AND m.known @> %(known)s::bigint) IS TRUE
    UNION ALL
    SELECT false, m.degree, m.temporary_cell_id, m.is_exempt, m.is_suspended
    FROM {spans} m
    WHERE m.temporary_cell_id = b.id
      AND (m.valid @> %(day)s::date AND m.known @> %(known)s::bigint) IS TRUE
    OFFSET 0
) p
GROUP BY b.id
