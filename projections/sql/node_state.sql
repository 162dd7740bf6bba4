-- One node at one point, and the version of its stream as known there: what If-Match compares.
-- Among a list of one: so the index of the exclusion constraint, three times as slow for an id, is
-- not considered.
SELECT {columns},
       (SELECT max(e.version) FROM {events} e
        WHERE e.stream = s.{id} AND e.position <= %(known)s::bigint) AS version
FROM {spans} s
WHERE s.{id} = ANY(ARRAY[%(id)s]::uuid[])
  AND (s.valid @> %(day)s::date AND s.known @> %(known)s::bigint) IS TRUE
