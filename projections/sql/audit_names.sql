SELECT id::text, name
FROM (
    SELECT DISTINCT ON (unit_id) unit_id AS id, name
    FROM {units} WHERE unit_id = ANY(%(ids)s::uuid[]) AND known @> %(known)s::bigint
    ORDER BY unit_id, lower(valid) DESC
) u
UNION ALL
SELECT id::text, name
FROM (
    SELECT DISTINCT ON (organisation_id) organisation_id AS id, name
    FROM {organisations}
    WHERE organisation_id = ANY(%(ids)s::uuid[]) AND known @> %(known)s::bigint
    ORDER BY organisation_id, lower(valid) DESC
) o
