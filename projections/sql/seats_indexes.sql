ALTER TABLE spans ADD CONSTRAINT spans_say_one_thing
    EXCLUDE USING gist (organisation_id WITH =, seat WITH =, valid WITH &&, known WITH &&);
CREATE INDEX spans_leadership ON spans (leadership_id);
CREATE INDEX spans_organisation ON spans (organisation_id, body, post);
CREATE INDEX spans_vacant ON spans (organisation_id, body, post) WHERE vacant_since IS NOT NULL;
