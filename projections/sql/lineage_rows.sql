-- What projections.lineage.Edges lays out, for all streams that were told.
SELECT CASE split_part(t.topic, '.', 1) WHEN 'unit' THEN 'unit' ELSE 'organisation' END,
       t.stream,
       (successor ->> 'id')::uuid,
       (t.said ->> 'effective_on')::date,
       t.position,
       coalesce(t.said #>> '{{data,way}}', 'cession'),
       successor ->> 'extent',
       (successor ->> 'is_default')::boolean,
       (successor ->> 'population')::bigint,
       (successor ->> 'area')::bigint,
       int8range(t.position, v.until),
       t.said #>> '{{basis,0,number}}'
FROM told t
CROSS JOIN jsonb_array_elements(t.said #> '{{data,successors}}') AS successor
LEFT JOIN (
    SELECT stream, (said ->> 'voids')::bigint AS position, min(position) AS until
    FROM told
    WHERE (said ->> 'voids')::bigint < position
    GROUP BY 1, 2
) v ON v.stream = t.stream AND v.position = t.position
WHERE t.topic = ANY(%(read)s)
