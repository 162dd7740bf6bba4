-- Why:    the keys of persons, apart from the log: without them nobody reads what is sealed there.
-- Locks:  none; everything is new.
-- Undo:   DROP SCHEMA. Every name in the log is unreadable from then on.

-- Under which master key things are wrapped. The keys themselves are never here.
CREATE TABLE masters (
    master_id  text        PRIMARY KEY CHECK (master_id ~ '^[0-9a-f]{64}$'), -- fingerprint
    begun_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    is_current boolean     NOT NULL DEFAULT true
);
CREATE UNIQUE INDEX masters_one_is_current ON masters (is_current) WHERE is_current;

-- Secrets of the vault itself: for looking up words, and for fingerprints of commands.
CREATE TABLE secrets (
    name      text  PRIMARY KEY,
    master_id text  NOT NULL REFERENCES masters,
    wrapped   bytea NOT NULL
);

-- `words` are keyed digests of the words of names; they go with the key.
CREATE TABLE keys (
    person_id  uuid        PRIMARY KEY,
    generation int         NOT NULL CHECK (generation > 0),
    master_id  text        NOT NULL REFERENCES masters,
    wrapped    bytea       NOT NULL,
    words      bigint[]    NOT NULL,
    made_at    timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX keys_words ON keys USING gin (words);

-- What was destroyed, when. The order stands in the log.
CREATE TABLE destructions (
    person_id    uuid        PRIMARY KEY,
    fingerprint  text        NOT NULL,
    generation   int         NOT NULL,
    destroyed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Who read whose details, when, what for. One row for one answer.
CREATE TABLE readings (
    number     bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    read_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor_id   text        NOT NULL,
    actor_post text,
    purpose    text        NOT NULL CHECK (btrim(purpose) <> ''),
    people     uuid[]      NOT NULL
);
CREATE INDEX readings_people ON readings USING gin (people);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE '% of % is refused: what is on record stays as it is', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'SG007';
END
$$;

CREATE TRIGGER destructions_stay BEFORE UPDATE OR DELETE ON destructions
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER destructions_stay_all BEFORE TRUNCATE ON destructions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER readings_stay BEFORE UPDATE OR DELETE ON readings
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER readings_stay_all BEFORE TRUNCATE ON readings
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER migrations_stay BEFORE UPDATE OR DELETE ON migrations
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

ALTER TABLE destructions ENABLE ALWAYS TRIGGER destructions_stay;
ALTER TABLE destructions ENABLE ALWAYS TRIGGER destructions_stay_all;
ALTER TABLE readings ENABLE ALWAYS TRIGGER readings_stay;
ALTER TABLE readings ENABLE ALWAYS TRIGGER readings_stay_all;
