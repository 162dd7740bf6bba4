WITH RECURSIVE below AS (
    SELECT c.{id} AS id FROM {spans} c
    WHERE c.superior_id = %(under)s
      AND (c.valid @> %(day)s::date AND c.known @> %(known)s::bigint) IS TRUE
    UNION
    SELECT c.{id} FROM below b JOIN {spans} c ON c.superior_id = b.id
    WHERE (c.valid @> %(day)s::date AND c.known @> %(known)s::bigint) IS TRUE
)
SELECT id FROM below
