-- The mark first: a view is not switched for another while its mark is being read.
SELECT m.position, m.events, m.digest, m.version, m.built_at, m.decided,
       ARRAY(SELECT stream FROM {parked}),
       ARRAY(SELECT position FROM {discarded} ORDER BY position),
       ARRAY(SELECT stream FROM {discarded} ORDER BY position)
FROM {mark} m
