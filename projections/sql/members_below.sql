-- Memberships of a tree at one point, cell by cell; in `{also}` what they are limited to.
WITH RECURSIVE below AS (
    SELECT o.organisation_id AS id FROM {organisations} o
    WHERE o.organisation_id = ANY(ARRAY[%(root)s]::uuid[])
      AND (o.valid @> %(day)s::date AND o.known @> %(known)s::bigint) IS TRUE
    UNION
    SELECT o.organisation_id FROM below b JOIN {organisations} o ON o.superior_id = b.id
    WHERE (o.valid @> %(day)s::date AND o.known @> %(known)s::bigint) IS TRUE
)
SELECT {columns}
FROM below b CROSS JOIN LATERAL (
    SELECT m.* FROM {spans} m
    WHERE m.cell_id = b.id AND (m.valid @> %(day)s::date AND m.known @> %(known)s::bigint) IS TRUE
      AND {also}
    OFFSET 0
) m
ORDER BY m.cell_id, m.membership_id
LIMIT %(limit)s
