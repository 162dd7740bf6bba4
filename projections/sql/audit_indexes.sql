ALTER TABLE lines ADD PRIMARY KEY (position);
INSERT INTO citations SELECT DISTINCT unnest(documents), position FROM lines;
ALTER TABLE citations ADD PRIMARY KEY (document, position);
INSERT INTO mentions SELECT DISTINCT unnest(mentions), position FROM lines;
ALTER TABLE mentions ADD PRIMARY KEY (subject, position);
CREATE INDEX lines_stream ON lines (stream, position);
CREATE INDEX lines_actor ON lines (actor_id, position);
CREATE INDEX lines_correlation ON lines (correlation_id, position);
CREATE INDEX lines_type ON lines (event_type, position);
CREATE INDEX lines_number_unknown ON lines (position) WHERE number_unknown;
CREATE INDEX lines_effective ON lines (effective_on);
CREATE INDEX lines_recorded ON lines (recorded_at);
CREATE INDEX lines_voids ON lines (voids) WHERE voids IS NOT NULL;

-- Last: one statement for all lines is quicker than one for each portion.
CREATE TRIGGER lines_are_cited AFTER INSERT ON lines
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION cite();
CREATE TRIGGER lines_are_not_cited AFTER DELETE ON lines
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION cite();
CREATE TRIGGER nothing_is_cited AFTER TRUNCATE ON lines
    FOR EACH STATEMENT EXECUTE FUNCTION cite();
