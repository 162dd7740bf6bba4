-- OFFSET 0 keeps the planner to the index on the superior: it takes a tree for far larger than it
-- is, and would read the whole table on each level.
WITH RECURSIVE below AS (
    SELECT c.{id} AS id FROM {spans} c
    WHERE c.superior_id = %(under)s
      AND (c.valid @> %(day)s::date AND c.known @> %(known)s::bigint) IS TRUE
    UNION
    SELECT c.id FROM below b CROSS JOIN LATERAL (
        SELECT s.{id} AS id FROM {spans} s
        WHERE s.superior_id = b.id
          AND (s.valid @> %(day)s::date AND s.known @> %(known)s::bigint) IS TRUE
        OFFSET 0
    ) c
)
SELECT id FROM below
