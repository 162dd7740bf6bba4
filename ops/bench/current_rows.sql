-- What ops.bench.current lays out for streams that are founded once and then renamed, later and later.
SELECT t.stream,
       t.said #>> '{{data,name}}',
       (first_value(t.said) OVER along #>> '{{data,superior_id}}')::uuid,
       'active',
       (first_value(t.said) OVER along ->> 'effective_on')::date,
       daterange((first_value(t.said) OVER along ->> 'effective_on')::date, NULL),
       int8range(t.position, lead(t.position) OVER along)
FROM told t
WHERE t.topic = ANY(%(read)s)
WINDOW along AS (PARTITION BY t.stream ORDER BY t.position)
