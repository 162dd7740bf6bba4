ALTER TABLE lines ADD PRIMARY KEY (position);
CREATE INDEX lines_stream ON lines (stream, position);
CREATE INDEX lines_actor ON lines (actor_id, position);
CREATE INDEX lines_correlation ON lines (correlation_id, position);
CREATE INDEX lines_type ON lines (event_type, position);
CREATE INDEX lines_documents ON lines USING gin (documents);
CREATE INDEX lines_effective ON lines (effective_on);
CREATE INDEX lines_recorded ON lines (recorded_at);
CREATE INDEX lines_voids ON lines (voids) WHERE voids IS NOT NULL;
