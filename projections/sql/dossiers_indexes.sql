-- By an expression that no question uses: else their planner takes it for quick.
ALTER TABLE states ADD CONSTRAINT states_say_one_thing
    EXCLUDE USING gist ((dossier_id::text) WITH =, valid WITH &&, known WITH &&);
CREATE INDEX states_dossier ON states (dossier_id);
CREATE INDEX states_key ON states (key);
CREATE INDEX states_day ON states (effective_on, dossier_id);
CREATE INDEX states_state ON states (state, effective_on, dossier_id);
CREATE INDEX states_folded ON states USING gin (folded gin_trgm_ops);
