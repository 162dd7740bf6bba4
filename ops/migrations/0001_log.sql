-- Why:    the log: events in one total order, what guards their consistency, outcomes of commands.
-- Locks:  none; everything is new.
-- Undo:   DROP SCHEMA with all the events in it. There is no other way back, and none is wanted.

DO $$
BEGIN
    IF current_setting('server_encoding') <> 'UTF8' THEN
        RAISE EXCEPTION 'the log keeps bytes exactly and needs a database with encoding UTF8';
    END IF;
END
$$;

-- The functions below keep this path. Its end matters: whatever a session makes in pg_temp would
-- otherwise come before the tables here, and some of them run with the rights of the log's owner.
SELECT set_config('search_path', current_setting('search_path') || ', pg_temp', true);

CREATE TABLE events (
    position    bigint      PRIMARY KEY CHECK (position > 0),
    stream      uuid        NOT NULL,
    version     int         NOT NULL,
    topic       text        NOT NULL COLLATE "C",
    recorded_at timestamptz NOT NULL,
    record      text        NOT NULL COLLATE "C", -- text keeps the bytes; jsonb would not
    UNIQUE (stream, version)
);

CREATE TABLE heads (
    stream  uuid PRIMARY KEY,
    version int  NOT NULL
) WITH (fillfactor = 70);

-- What an event concerns besides its stream; `stream` is a copy that saves a visit to events.
CREATE TABLE event_keys (
    key      text   NOT NULL COLLATE "C",
    position bigint NOT NULL,
    stream   uuid   NOT NULL,
    PRIMARY KEY (key, position) INCLUDE (stream)
);

CREATE TABLE commands (
    idempotency_key text        PRIMARY KEY COLLATE "C",
    fingerprint     bytea       NOT NULL,
    first_position  bigint,
    last_position   bigint,
    recorded_at     timestamptz NOT NULL,
    CHECK ((first_position IS NULL) = (last_position IS NULL))
);

-- Which history positions belong to. A restore that lost the end of the log begins another epoch, or
-- the same position would name two events.
CREATE TABLE epochs (
    number   int         PRIMARY KEY,
    epoch    uuid        NOT NULL UNIQUE,
    position bigint      NOT NULL, -- the last one that this epoch shares with the one before
    begun_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    begun_by text        NOT NULL DEFAULT session_user, -- a role of the database
    reason   text        NOT NULL CHECK (btrim(reason) <> '')
);

-- The counter row. Its lock orders all appends, up to and including their commits.
CREATE TABLE log (
    singleton   boolean     PRIMARY KEY DEFAULT true CHECK (singleton),
    position    bigint      NOT NULL,
    recorded_at timestamptz NOT NULL,
    epoch       uuid        NOT NULL, -- the last of epochs
    filled_by   xid8,                 -- a transaction that claimed positions and filled them at once
    claimed     bigint                -- else: a hash of the streams and versions that it claimed
) WITH (fillfactor = 10);

INSERT INTO epochs (number, epoch, position, reason)
VALUES (1, gen_random_uuid(), 0, 'the log begins');
INSERT INTO log (position, recorded_at, epoch) SELECT 0, 'epoch', epoch FROM epochs;


-- Decide one request and record it: the law of appends, for all the functions below. They hold the
-- counter's lock, so what is decided holds until the commit, and each request sees those before it in
-- the same transaction. Returns null when it is recorded, else why not; then nothing was written.
-- Where a request has none of something, its array may be null: that is quicker. `topics` null: the
-- caller inserts the events itself. Records made by us hold a placeholder for the recorded time, of
-- the same width; it gives way to the stamp in UTC.
--   SG001 a stream is not where the append continues it      SG004 this command was recorded before
--   SG002 a guarded stream has moved                         SG005 its key belongs to another one
--   SG003 a key has newer events                             SG006 versions leave a gap or repeat
CREATE FUNCTION settle(
    first_position bigint, stamped_at timestamptz,
    streams uuid[], versions int[], topics text[], records text[],
    guards uuid[], guard_versions int[],
    keys text[], key_indexes int[], -- from 0, into streams
    conditions text[], condition_positions bigint[],
    command text, command_fingerprint bytea
) RETURNS json
LANGUAGE plpgsql AS $$
DECLARE
    placeholder CONSTANT text := '"recorded_at":"0000-00-00T00:00:00.000000Z"';
    stamp_format CONSTANT text := '"\"recorded_at\":\""YYYY-MM-DD"T"HH24:MI:SS.US"Z\""';
    size int := cardinality(streams);
    earlier commands;
    breach record;
BEGIN
    IF command IS NOT NULL THEN
        SELECT * INTO earlier FROM commands WHERE idempotency_key = command;
        IF FOUND AND earlier.fingerprint <> command_fingerprint THEN
            RETURN json_build_object('code', 'SG005', 'key', command);
        ELSIF FOUND THEN
            RETURN json_build_object(
                'code', 'SG004',
                'first', coalesce(earlier.first_position, 0),
                'last', coalesce(earlier.last_position, 0),
                'recorded_at', earlier.recorded_at);
        END IF;
    END IF;

    IF cardinality(guards) > 0 THEN
        SELECT g.stream, g.version, h.version AS actual INTO breach
        FROM unnest(guards, guard_versions) AS g (stream, version)
        LEFT JOIN heads AS h USING (stream)
        WHERE h.version IS DISTINCT FROM nullif(g.version, 0) LIMIT 1;
        IF FOUND THEN
            RETURN json_build_object(
                'code', 'SG002',
                'stream', breach.stream, 'expected', breach.version, 'actual', breach.actual);
        END IF;
    END IF;

    IF cardinality(conditions) > 0 THEN
        SELECT c.key, c.position, max(k.position) AS actual INTO breach
        FROM unnest(conditions, condition_positions) AS c (key, position)
        JOIN event_keys AS k ON k.key = c.key AND k.position > c.position
        GROUP BY c.key, c.position LIMIT 1;
        IF FOUND THEN
            RETURN json_build_object(
                'code', 'SG003',
                'key', breach.key, 'expected', breach.position, 'actual', breach.actual);
        END IF;
    END IF;

    -- The heads. A stream begins with version 0 or 1. One event is the usual case, and has its own
    -- statements: those for many would take it half as long again.
    IF size = 1 THEN
        IF versions[1] > 1 THEN
            UPDATE heads AS h SET version = versions[1]
            WHERE h.stream = streams[1] AND h.version = versions[1] - 1;
        ELSIF versions[1] >= 0 THEN
            INSERT INTO heads AS h (stream, version) VALUES (streams[1], versions[1])
            ON CONFLICT (stream) DO UPDATE SET version = EXCLUDED.version
            WHERE h.version = EXCLUDED.version - 1;
        END IF;
        IF versions[1] < 0 OR NOT FOUND THEN
            RETURN json_build_object(
                'code', 'SG001', 'stream', streams[1], 'expected', versions[1] - 1,
                'actual', (SELECT h.version FROM heads AS h WHERE h.stream = streams[1]));
        END IF;
    ELSIF size > 1 THEN
        -- Along each stream, version minus rank is one and the same number: the version before.
        WITH ranked AS (
            SELECT a.stream, a.version,
                a.version - row_number() OVER (PARTITION BY a.stream ORDER BY a.index) AS before
            FROM unnest(streams, versions) WITH ORDINALITY AS a (stream, version, index)
        ), wanted AS MATERIALIZED (
            SELECT stream, min(before) AS before, max(before) AS before_last, max(version) AS last
            FROM ranked GROUP BY stream
        ), breaches AS MATERIALIZED (
            SELECT w.*, h.version AS actual
            FROM wanted AS w LEFT JOIN heads AS h USING (stream)
            WHERE w.before <> w.before_last
                OR w.before <> h.version
                OR (h.version IS NULL AND w.before NOT IN (-1, 0))
            ORDER BY w.stream LIMIT 1
        ), moved AS (
            INSERT INTO heads AS h (stream, version)
            SELECT stream, last FROM wanted WHERE NOT EXISTS (SELECT FROM breaches)
            ON CONFLICT (stream) DO UPDATE SET version = EXCLUDED.version
        )
        SELECT * INTO breach FROM breaches;
        IF FOUND THEN
            RETURN json_build_object(
                'code', CASE breach.before WHEN breach.before_last THEN 'SG001' ELSE 'SG006' END,
                'stream', breach.stream, 'expected', breach.before, 'actual', breach.actual);
        END IF;
    END IF;

    -- Nothing is refused any more.
    IF size = 1 AND topics IS NOT NULL THEN
        INSERT INTO events (position, stream, version, topic, recorded_at, record)
        VALUES (
            first_position, streams[1], versions[1], topics[1], stamped_at,
            replace(records[1], placeholder, to_char(stamped_at AT TIME ZONE 'UTC', stamp_format)));
    ELSIF size > 1 AND topics IS NOT NULL THEN
        INSERT INTO events (position, stream, version, topic, recorded_at, record)
        SELECT first_position + a.index - 1, a.stream, a.version, a.topic, stamped_at,
            replace(a.record, placeholder, to_char(stamped_at AT TIME ZONE 'UTC', stamp_format))
        FROM unnest(streams, versions, topics, records)
            WITH ORDINALITY AS a (stream, version, topic, record, index);
    END IF;

    IF cardinality(keys) > 0 THEN
        INSERT INTO event_keys (key, position, stream)
        SELECT k.key, first_position + k.index, streams[k.index + 1]
        FROM unnest(keys, key_indexes) AS k (key, index)
        ON CONFLICT DO NOTHING;
    END IF;

    IF command IS NOT NULL THEN
        INSERT INTO commands VALUES (
            command, command_fingerprint,
            CASE WHEN size > 0 THEN first_position END,
            CASE WHEN size > 0 THEN first_position + size - 1 END,
            stamped_at);
    END IF;
    RETURN NULL;
END
$$;


-- The functions that record run with the rights of their owner, so that who records need not be able
-- to move heads or the counter in any other way. Each takes the counter's lock first: every statement
-- after it sees all that was committed before. A refusal is raised with its SQLSTATE; DETAIL holds
-- the facts as JSON. Each notifies once, with the last position.

-- Record one request, all of it or nothing, and return where it stands.
CREATE FUNCTION append(
    streams uuid[], versions int[], topics text[], records text[],
    guards uuid[], guard_versions int[],
    keys text[], key_indexes int[],
    conditions text[], condition_positions bigint[],
    command text, command_fingerprint bytea,
    OUT first_position bigint, OUT stamped_at timestamptz
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    size int := cardinality(streams);
    refusal json;
BEGIN
    UPDATE log SET
        position = position + size,
        recorded_at = greatest(recorded_at, clock_timestamp()),
        filled_by = pg_current_xact_id()
    RETURNING position - size + 1, recorded_at INTO STRICT first_position, stamped_at;
    refusal := settle(
        first_position, stamped_at, streams, versions,
        coalesce(topics, '{}'), records, -- without topics settle() would leave the events to its caller
        guards, guard_versions, keys, key_indexes, conditions, condition_positions,
        command, command_fingerprint);
    IF refusal IS NOT NULL THEN
        RAISE 'the append is refused' USING ERRCODE = refusal ->> 'code', DETAIL = refusal;
    END IF;
    IF size > 0 THEN
        PERFORM pg_notify(current_schema(), (first_position + size - 1)::text);
    END IF;
END
$$;

-- The same for one event without terms, in two thirds of the time: the head moves if it is where it
-- has to be. If not, settle() decides.
CREATE FUNCTION append_one(
    stream uuid, version int, topic text, record text,
    OUT first_position bigint, OUT stamped_at timestamptz
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_variable
DECLARE
    placeholder CONSTANT text := '"recorded_at":"0000-00-00T00:00:00.000000Z"';
    stamp_format CONSTANT text := '"\"recorded_at\":\""YYYY-MM-DD"T"HH24:MI:SS.US"Z\""';
    refusal json;
BEGIN
    UPDATE log AS l SET
        position = l.position + 1,
        recorded_at = greatest(l.recorded_at, clock_timestamp()),
        filled_by = pg_current_xact_id()
    RETURNING l.position, l.recorded_at INTO STRICT first_position, stamped_at;
    IF version > 1 THEN
        UPDATE heads AS h SET version = version WHERE h.stream = stream AND h.version = version - 1;
    ELSE
        INSERT INTO heads (stream, version) SELECT stream, version WHERE version >= 0
        ON CONFLICT DO NOTHING;
    END IF;
    IF FOUND THEN
        INSERT INTO events (position, stream, version, topic, recorded_at, record)
        VALUES (
            first_position, stream, version, topic, stamped_at,
            replace(record, placeholder, to_char(stamped_at AT TIME ZONE 'UTC', stamp_format)));
    ELSE
        refusal := settle(
            first_position, stamped_at, ARRAY[stream], ARRAY[version], ARRAY[topic], ARRAY[record],
            NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
        IF refusal IS NOT NULL THEN
            RAISE 'the append is refused' USING ERRCODE = refusal ->> 'code', DETAIL = refusal;
        END IF;
    END IF;
    PERFORM pg_notify(current_schema(), first_position::text);
END
$$;

-- What was claimed, in its order. No secret: it finds what a fault has put elsewhere.
CREATE FUNCTION claimed_by(streams uuid[], versions int[]) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
    hash_array_extended(versions, hash_array_extended(streams, 0));

-- The same for events that whoever calls inserts in the same transaction, by COPY: the next
-- positions are theirs, in this order, and at the time that is returned. At the commit they must be
-- filled with these events.
CREATE FUNCTION claim(
    streams uuid[], versions int[],
    guards uuid[], guard_versions int[],
    keys text[], key_indexes int[],
    conditions text[], condition_positions bigint[],
    command text, command_fingerprint bytea,
    OUT first_position bigint, OUT stamped_at timestamptz
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    size int := cardinality(streams);
    refusal json;
BEGIN
    UPDATE log SET
        position = position + size,
        recorded_at = greatest(recorded_at, clock_timestamp()),
        filled_by = NULL,
        claimed = claimed_by(streams, versions)
    RETURNING position - size + 1, recorded_at INTO STRICT first_position, stamped_at;
    refusal := settle(
        first_position, stamped_at, streams, versions, NULL, NULL,
        guards, guard_versions, keys, key_indexes, conditions, condition_positions,
        command, command_fingerprint);
    IF refusal IS NOT NULL THEN
        RAISE 'the append is refused' USING ERRCODE = refusal ->> 'code', DETAIL = refusal;
    END IF;
    IF size > 0 THEN
        PERFORM pg_notify(current_schema(), (first_position + size - 1)::text);
    END IF;
END
$$;

-- Record several requests, one after the other, each wholly or not at all: the same as so many calls
-- of append(), with one commit. Returns a row for each, in order: where it stands, or its refusal.
-- The arrays hold what belongs to the requests end to end; the counts say how much is whose.
CREATE FUNCTION append_each(
    sizes int[], streams uuid[], versions int[], topics text[], records text[],
    guard_counts int[], guards uuid[], guard_versions int[],
    key_counts int[], keys text[], key_indexes int[],
    condition_counts int[], conditions text[], condition_positions bigint[],
    commands text[], command_fingerprints bytea[]
) RETURNS TABLE (first_position bigint, stamped_at timestamptz, refusal json)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    before bigint;
    recorded boolean := false;
    size int; -- of a request
    e int := 0; -- how much of each array the requests so far have taken
    g int := 0;
    k int := 0;
    c int := 0;
BEGIN
    SELECT position + 1, greatest(recorded_at, clock_timestamp()) FROM log FOR NO KEY UPDATE
    INTO STRICT first_position, stamped_at;
    before := first_position - 1;
    FOR n IN 1 .. cardinality(sizes) LOOP
        size := sizes[n];
        IF cardinality(streams[e + 1 : e + size]) IS DISTINCT FROM size THEN
            RAISE 'request % has not the % events that it says', n, size USING ERRCODE = 'SG008';
        END IF;
        refusal := settle(
            first_position, stamped_at,
            streams[e + 1 : e + size], versions[e + 1 : e + size],
            coalesce(topics[e + 1 : e + size], '{}'), records[e + 1 : e + size],
            CASE WHEN guard_counts[n] > 0 THEN guards[g + 1 : g + guard_counts[n]] END,
            CASE WHEN guard_counts[n] > 0 THEN guard_versions[g + 1 : g + guard_counts[n]] END,
            CASE WHEN key_counts[n] > 0 THEN keys[k + 1 : k + key_counts[n]] END,
            CASE WHEN key_counts[n] > 0 THEN key_indexes[k + 1 : k + key_counts[n]] END,
            CASE WHEN condition_counts[n] > 0
                THEN conditions[c + 1 : c + condition_counts[n]] END,
            CASE WHEN condition_counts[n] > 0
                THEN condition_positions[c + 1 : c + condition_counts[n]] END,
            commands[n], command_fingerprints[n]);
        RETURN NEXT;
        e := e + size;
        g := g + coalesce(guard_counts[n], 0);
        k := k + coalesce(key_counts[n], 0);
        c := c + coalesce(condition_counts[n], 0);
        IF refusal IS NULL THEN
            recorded := true;
            first_position := first_position + size;
        END IF;
    END LOOP;
    IF recorded THEN
        UPDATE log SET
            position = first_position - 1,
            recorded_at = stamped_at,
            filled_by = pg_current_xact_id();
    END IF;
    IF first_position - 1 > before THEN
        PERFORM pg_notify(current_schema(), (first_position - 1)::text);
    END IF;
END
$$;

-- The last position recorded at or before a time; 0: none. Recorded times never decrease along
-- positions and positions have no gaps, so halving finds it without an index.
CREATE FUNCTION position_at(at timestamptz) RETURNS bigint
LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS $$
DECLARE
    low bigint := 0;
    high bigint := (SELECT position FROM log);
    middle bigint;
BEGIN
    WHILE low < high LOOP
        middle := (low + high + 1) / 2;
        IF (SELECT e.recorded_at <= at FROM events AS e WHERE e.position = middle) THEN
            low := middle;
        ELSE
            high := middle - 1;
        END IF;
    END LOOP;
    RETURN low;
END
$$;


-- Whether position_at() has its last word about a time: nobody who records now can still be given that
-- time or an earlier one. Asked in a transaction before that of position_at(), whose snapshot then
-- holds all there is. Whoever records locks the table before he looks at the clock, until his commit.
CREATE FUNCTION is_settled(at timestamptz) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS $$
BEGIN
    IF at < (SELECT recorded_at FROM log) THEN
        RETURN true; -- what is to come is recorded later
    ELSIF at >= clock_timestamp() THEN
        RETURN false;
    END IF;
    RETURN NOT EXISTS (
        SELECT FROM pg_locks AS l
        WHERE l.locktype = 'relation' AND l.relation = 'log'::regclass
            AND l.database = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())
            AND l.mode IN ('RowShareLock', 'RowExclusiveLock')
            AND l.pid <> pg_backend_pid());
END
$$;


-- Begin another epoch of this log, with the reason why. For its owner, by hand: see `sogoc epoch`.
CREATE FUNCTION begin_epoch(why text, OUT new_epoch uuid, OUT shared_position bigint)
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    SELECT l.position INTO STRICT shared_position FROM log AS l FOR UPDATE;
    INSERT INTO epochs (number, epoch, position, reason)
    SELECT max(e.number) + 1, gen_random_uuid(), shared_position, why FROM epochs AS e
    RETURNING epoch INTO STRICT new_epoch;
    UPDATE log SET epoch = new_epoch;
END
$$;

REVOKE EXECUTE ON FUNCTION settle, append, append_one, append_each, claim, begin_epoch
FROM PUBLIC;


CREATE FUNCTION refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    RAISE '% of % is refused: what is recorded stays as it is', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'SG007';
END
$$;

-- The counter and the time go forward only. An epoch that log names is the last one written down, and
-- begins where the log stands.
CREATE FUNCTION refuse_turning_back() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF NEW.position < OLD.position OR NEW.recorded_at < OLD.recorded_at THEN
        RAISE 'the log does not turn back: what is recorded stays as it is' USING ERRCODE = 'SG007';
    END IF;
    IF (NEW.epoch, NEW.position) IS DISTINCT FROM (
        SELECT (e.epoch, e.position) FROM epochs AS e ORDER BY e.number DESC LIMIT 1
    ) THEN
        RAISE 'a new epoch is begun with its reason: begin_epoch()' USING ERRCODE = 'SG007';
    END IF;
    RETURN NEW;
END
$$;

-- Whoever claims positions fills them before the commit, with the events he claimed them for and with
-- the time he was given, or the commit fails. It looks after all that moves the counter but the
-- functions that append, which fill what they claim: there it would cost a tenth of an append.
CREATE FUNCTION refuse_gap() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    found record;
BEGIN
    IF NEW.position = OLD.position THEN
        RETURN NULL;
    END IF;
    SELECT count(*) AS events, bool_and(e.recorded_at = NEW.recorded_at) AS in_time,
        claimed_by(
            array_agg(e.stream ORDER BY e.position), array_agg(e.version ORDER BY e.position)
        ) AS filled
    INTO found
    FROM events AS e WHERE e.position > OLD.position AND e.position <= NEW.position;
    IF found.events <> NEW.position - OLD.position THEN
        RAISE 'positions % to % were claimed and not filled', OLD.position + 1, NEW.position
            USING ERRCODE = 'SG008';
    ELSIF NOT found.in_time OR found.filled IS DISTINCT FROM NEW.claimed THEN
        RAISE 'positions % to % were claimed for other events', OLD.position + 1, NEW.position
            USING ERRCODE = 'SG008';
    END IF;
    RETURN NULL;
END
$$;

-- Nobody inserts where nothing was claimed. Up to the counter all positions are taken, or claimed by
-- this transaction: so none may lie beyond it. Whoever may move the counter is passed by, which are
-- the functions above, and the owner.
CREATE FUNCTION refuse_unclaimed() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF EXISTS (SELECT FROM events AS e WHERE e.position > (SELECT l.position FROM log AS l)) THEN
        RAISE 'events are recorded at positions that claim() has given' USING ERRCODE = 'SG008';
    END IF;
    RETURN NULL;
END
$$;

-- Row triggers, because an apply worker of logical replication fires no statement triggers for
-- rows; ALWAYS, because it and session_replication_role = replica pass by any other trigger.
CREATE TRIGGER events_stay BEFORE UPDATE OR DELETE ON events
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER events_stay_all BEFORE TRUNCATE ON events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER events_are_claimed AFTER INSERT ON events
    FOR EACH STATEMENT WHEN (NOT has_table_privilege('log'::regclass, 'UPDATE'))
    EXECUTE FUNCTION refuse_unclaimed();
CREATE TRIGGER event_keys_stay BEFORE UPDATE OR DELETE ON event_keys
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER event_keys_stay_all BEFORE TRUNCATE ON event_keys
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER commands_stay BEFORE UPDATE ON commands
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER epochs_stay BEFORE UPDATE OR DELETE ON epochs
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER epochs_stay_all BEFORE TRUNCATE ON epochs
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER migrations_stay BEFORE UPDATE OR DELETE ON migrations
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER migrations_stay_all BEFORE TRUNCATE ON migrations
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER heads_stay BEFORE DELETE ON heads
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER heads_grow BEFORE UPDATE ON heads
    FOR EACH ROW WHEN (NEW.stream <> OLD.stream OR NEW.version < OLD.version)
    EXECUTE FUNCTION refuse_change();
CREATE TRIGGER heads_stay_all BEFORE TRUNCATE ON heads
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER log_stays BEFORE DELETE ON log
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER log_stays_all BEFORE TRUNCATE ON log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
-- One trigger with one condition: each condition is read anew by every append.
CREATE TRIGGER log_grows BEFORE UPDATE ON log
    FOR EACH ROW WHEN (
        NEW.position < OLD.position OR NEW.recorded_at < OLD.recorded_at OR NEW.epoch <> OLD.epoch)
    EXECUTE FUNCTION refuse_turning_back();
CREATE CONSTRAINT TRIGGER log_has_no_gaps AFTER UPDATE ON log
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.filled_by IS DISTINCT FROM pg_current_xact_id())
    EXECUTE FUNCTION refuse_gap();

ALTER TABLE events ENABLE ALWAYS TRIGGER events_stay;
ALTER TABLE events ENABLE ALWAYS TRIGGER events_stay_all;
ALTER TABLE events ENABLE ALWAYS TRIGGER events_are_claimed;
ALTER TABLE event_keys ENABLE ALWAYS TRIGGER event_keys_stay;
ALTER TABLE event_keys ENABLE ALWAYS TRIGGER event_keys_stay_all;
ALTER TABLE commands ENABLE ALWAYS TRIGGER commands_stay;
ALTER TABLE epochs ENABLE ALWAYS TRIGGER epochs_stay;
ALTER TABLE epochs ENABLE ALWAYS TRIGGER epochs_stay_all;
ALTER TABLE migrations ENABLE ALWAYS TRIGGER migrations_stay;
ALTER TABLE migrations ENABLE ALWAYS TRIGGER migrations_stay_all;
ALTER TABLE heads ENABLE ALWAYS TRIGGER heads_stay;
ALTER TABLE heads ENABLE ALWAYS TRIGGER heads_stay_all;
ALTER TABLE heads ENABLE ALWAYS TRIGGER heads_grow;
ALTER TABLE log ENABLE ALWAYS TRIGGER log_stays;
ALTER TABLE log ENABLE ALWAYS TRIGGER log_stays_all;
ALTER TABLE log ENABLE ALWAYS TRIGGER log_grows;
ALTER TABLE log ENABLE ALWAYS TRIGGER log_has_no_gaps;
