-- One reading of a range of the log: its events are counted into a digest (its halves are made as
-- in row_digest.sql), and the rows of a view are added, unless an event is not as the
-- view's statement knows it. `said` is a record that the statement may read, or that takes another
-- back: canonical records end with what they take back.
WITH told AS MATERIALIZED (
    SELECT e.position, e.stream, e.topic,
           sha256(e.position::bytea || convert_to(e.record, 'UTF8')) AS hash,
           CASE WHEN e.topic = ANY(%(read)s) OR right(e.record, 13) <> '"voids":null}}'
                THEN e.record::jsonb END AS said
    FROM {events} e
    WHERE {within} AND e.position <= %(goal)s
), seen AS MATERIALIZED (
    SELECT count(*) AS events,
           coalesce(sum(substr(hash, 1, 8)::bigint), 0) AS high,
           coalesce(sum(substr(hash, 9, 8)::bigint), 0)
               + count(*) FILTER (WHERE substr(hash, 9, 8)::bigint < 0) * 18446744073709551616
               AS low,
           coalesce(bool_and(
               topic = ANY(%(known)s)
               AND (said IS NULL OR said -> 'format' = '1')
               AND (topic <> ALL(%(read)s) OR %(schemas)s::jsonb -> topic @> (said -> 'schema'))
           ), true) AS as_known
    FROM told
), added AS (
    INSERT INTO {table} ({columns})
    SELECT rows.* FROM ({rows}) AS rows WHERE (SELECT as_known FROM seen)
)
SELECT events, high, low, as_known FROM seen
