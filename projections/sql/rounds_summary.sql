SELECT r.review_id, r.period, r.decider_id, r.group_name, r.status, r.terms, r.stated,
    l.status AS outcome, l.level, count(l.subject_id) AS number
FROM {rounds} r
LEFT JOIN {levels} l ON l.review_id = r.review_id
    AND (l.valid @> %(day)s::date AND l.known @> %(known)s::bigint) IS TRUE
WHERE r.period = %(period)s
    AND (r.valid @> %(day)s::date AND r.known @> %(known)s::bigint) IS TRUE
    AND {within}
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
ORDER BY r.period, r.group_name, r.review_id, l.level
