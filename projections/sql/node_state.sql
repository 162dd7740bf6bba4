-- Some nodes at one point, and the version of each one's stream as known there: what If-Match
-- compares. For a list, even of one, the index of the exclusion constraint, which is three times as
-- slow for an id, is not considered.
SELECT {columns},
       (SELECT max(e.version) FROM {events} e
        WHERE e.stream = s.{id} AND e.position <= %(known)s::bigint) AS version
FROM {spans} s
WHERE s.{id} = ANY(%(ids)s::uuid[])
  AND (s.valid @> %(day)s::date AND s.known @> %(known)s::bigint) IS TRUE
