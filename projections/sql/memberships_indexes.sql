ALTER TABLE spans ADD CONSTRAINT spans_say_one_thing
    EXCLUDE USING gist (membership_id WITH =, valid WITH &&, known WITH &&);
CREATE INDEX spans_membership ON spans (membership_id);
CREATE INDEX spans_person ON spans (person_id);
CREATE INDEX spans_cell ON spans (cell_id, membership_id);
CREATE INDEX spans_temporary ON spans (temporary_cell_id) WHERE temporary_cell_id IS NOT NULL;
