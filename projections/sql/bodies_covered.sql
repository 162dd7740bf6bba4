-- Organisations at one point, each with the bodies that need working regulations there, what these
-- have, and whom the organisation succeeds that is no more.
SELECT * FROM (
    SELECT s.organisation_id, s.name, s.kind, s.superior_id, n.body, b.term, b.regulations_term,
           b.number, b.issued_on, b.model,
           b.regulations_term IS NULL OR b.term IS DISTINCT FROM b.regulations_term AS is_missing,
           ARRAY(
               SELECT DISTINCT e.giver FROM {edges} e
               WHERE e.taker = s.organisation_id AND e.way <> 'cession'
                 AND e.on_day <= %(day)s::date AND e.known @> %(known)s::bigint
               ORDER BY e.giver
           ) AS ended,
           s.sort_key
    FROM {organisations} s
    JOIN unnest(%(kinds)s::text[], %(bodies)s::text[]) n (kind, body) ON n.kind = s.kind
    LEFT JOIN {bodies} b ON b.organisation_id = s.organisation_id AND b.body = n.body
        AND (b.valid @> %(day)s::date AND b.known @> %(known)s::bigint) IS TRUE
    WHERE (s.valid @> %(day)s::date AND s.known @> %(known)s::bigint) IS TRUE
      AND {within} AND {place}
) covered
WHERE (%(missing)s::boolean IS NULL OR is_missing = %(missing)s)
  AND (%(successors)s::boolean IS NULL OR (ended <> '{{}}') = %(successors)s)
ORDER BY sort_key, organisation_id, body COLLATE "C"
LIMIT %(limit)s
