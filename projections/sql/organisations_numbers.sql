-- How many stand directly under whom, by kind and by the type of unit they stand on, at one point.
SELECT s.superior_id, s.kind, u.level, u.type, count(*)
FROM {spans} s
LEFT JOIN {units} u ON u.unit_id = s.unit_id
    AND (u.valid @> %(day)s::date AND u.known @> %(known)s::bigint) IS TRUE
WHERE (s.valid @> %(day)s::date AND s.known @> %(known)s::bigint) IS TRUE AND {within}
GROUP BY s.superior_id, s.kind, u.level, u.type
