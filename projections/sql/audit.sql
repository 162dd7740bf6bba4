CREATE TABLE lines (
    position       bigint NOT NULL,
    stream         uuid NOT NULL,
    category       text NOT NULL,
    event_type     text NOT NULL,
    effective_on   date NOT NULL,
    decided_on     date,
    recorded_at    timestamptz NOT NULL,
    actor_id       text NOT NULL,
    actor_post     text,
    authority_name text NOT NULL,
    authority_id   uuid,
    documents      text[] NOT NULL,
    basis          jsonb NOT NULL,
    number_unknown boolean NOT NULL,
    reason         text,
    correlation_id text,
    voids          bigint,
    rule_set       text,
    name           text,
    superior_id    uuid,
    changes        jsonb NOT NULL,
    mentions       uuid[] NOT NULL
);

-- The lines that name a document, and those that mention somebody, in their order: indexes, of a
-- kind that PostgreSQL has not (GIN finds, but does not sort). Kept by the database; the view's
-- schema changes its name, so the name is asked for each time.
CREATE TABLE citations (
    document text NOT NULL,
    position bigint NOT NULL
);
CREATE TABLE mentions (
    subject  uuid NOT NULL,
    position bigint NOT NULL
);
CREATE FUNCTION cite() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        EXECUTE format('TRUNCATE %I.citations, %1$I.mentions', TG_TABLE_SCHEMA);
    ELSIF TG_OP = 'DELETE' THEN
        EXECUTE format('DELETE FROM %I.citations WHERE (document, position) IN
                        (SELECT unnest(documents), position FROM gone)', TG_TABLE_SCHEMA);
        EXECUTE format('DELETE FROM %I.mentions WHERE (subject, position) IN
                        (SELECT unnest(mentions), position FROM gone)', TG_TABLE_SCHEMA);
    ELSE
        EXECUTE format('INSERT INTO %I.citations
                        SELECT DISTINCT unnest(documents), position FROM added
                        ON CONFLICT DO NOTHING', TG_TABLE_SCHEMA); -- a line altered by hand kept it
        EXECUTE format('INSERT INTO %I.mentions
                        SELECT DISTINCT unnest(mentions), position FROM added
                        ON CONFLICT DO NOTHING', TG_TABLE_SCHEMA);
    END IF;
    RETURN NULL;
END $$;
