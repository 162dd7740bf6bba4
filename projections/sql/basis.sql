-- What an answer rests on, in one statement and so in one state of all: the log's end, how far the
-- views that it needs have come, and up to where it may know: what is asked for (a position or a
-- time), else all that these views know. Each table has one row, and LIMIT says so: what looks like
-- a product of many would be planned for hours of work.
SELECT l.position AS head, l.epoch, clock_timestamp() AS now,
       ARRAY[{positions}]::bigint[] AS positions,
       ARRAY[{versions}]::integer[] AS versions,
       least({positions}, %(known_at)s::bigint,
             CASE WHEN %(time)s::timestamptz IS NOT NULL
                  THEN {log}.position_at(%(time)s::timestamptz) END) AS known
FROM (SELECT * FROM {log}.log LIMIT 1) l {marks}
