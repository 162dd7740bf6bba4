-- What an answer rests on, in one statement and so in one state of all: the log's end, how far the
-- views that it needs have come, the last decision about parked streams that each has followed,
-- which streams are parked (with the position of the first event that is held back), and up to where
-- one wants to know: what is asked for (a position or a time), else all that these views know. Tables
-- have one row, or a few, and LIMIT says so: what looks like a product of many would be planned for
-- hours of work.
SELECT l.position AS head, l.epoch, clock_timestamp() AS now,
       ARRAY[{positions}]::bigint[] AS positions,
       ARRAY[{versions}]::integer[] AS versions,
       ARRAY[{decided}]::bigint[] AS decided,
       (SELECT jsonb_object_agg(p.stream, p.position ORDER BY p.position DESC)
        FROM ({parked} LIMIT 1000) p) AS parked,
       coalesce(%(known_at)s::bigint,
                CASE WHEN %(time)s::timestamptz IS NOT NULL
                     THEN {log}.position_at(%(time)s::timestamptz) END,
                least({positions})) AS known
FROM (SELECT * FROM {log}.log LIMIT 1) l {marks}
