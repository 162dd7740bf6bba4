-- First day and day after the last of each life as known at one position; null: it goes on.
SELECT s.{id} AS id,
       min(lower(s.valid)) AS first_day,
       CASE WHEN bool_or(upper_inf(s.valid)) THEN NULL ELSE max(upper(s.valid)) END AS ended_on
FROM {spans} s
WHERE s.{id} = ANY(%(ids)b) AND (s.known @> %(known)s::bigint) IS TRUE
GROUP BY s.{id}
