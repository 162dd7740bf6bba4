-- Subjects below a root on the event's day or the day before (an ending, a leaving), as known just
-- before or after it was recorded: what was taken back later stays in the trail of its superior.
-- A line is also about whom it mentions: the organisation whose leadership changes, for instance.
-- First all that ever stood below it, in anybody's knowledge, so that few lines are looked at.
l.position IN (
    WITH RECURSIVE nodes AS (
        SELECT unit_id AS id, superior_id FROM {units}
        UNION ALL
        SELECT organisation_id, superior_id FROM {organisations}
    ), ever AS (
        SELECT %(under)s::uuid AS id
        UNION
        SELECT n.id FROM ever e JOIN nodes n ON n.superior_id = e.id
    )
    SELECT t.position FROM ever e JOIN {lines} t ON t.stream = e.id
    UNION
    SELECT m.position FROM ever e JOIN {mentions} m ON m.subject = e.id
) AND EXISTS (
    WITH RECURSIVE nodes AS (
        SELECT unit_id AS id, superior_id, valid, known FROM {units}
        UNION ALL
        SELECT organisation_id, superior_id, valid, known FROM {organisations}
    ), above AS (
        SELECT unnest(l.mentions || l.stream) AS id,
               daterange(l.effective_on - 1, l.effective_on, '[]') AS days,
               int8range(l.position - 1, l.position, '[]') AS known
        UNION
        SELECT n.superior_id, n.valid * a.days, n.known * a.known
        FROM above a JOIN nodes n ON n.id = a.id
        WHERE a.id <> %(under)s AND n.superior_id IS NOT NULL
          AND n.valid && a.days AND n.known && a.known
    )
    SELECT FROM above WHERE id = %(under)s
)
