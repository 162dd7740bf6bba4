ALTER TABLE spans ADD CONSTRAINT spans_say_one_thing
    EXCLUDE USING gist (unit_id WITH =, valid WITH &&, known WITH &&);
CREATE INDEX spans_unit ON spans (unit_id);
CREATE INDEX spans_superior ON spans (superior_id);
CREATE INDEX spans_code ON spans ((codes ->> 'nso'));
CREATE INDEX spans_codes ON spans USING gin (codes);
CREATE INDEX spans_folded ON spans USING gin (folded gin_trgm_ops);
CREATE INDEX spans_sorted ON spans (sort_key, unit_id);
CREATE INDEX spans_level ON spans (level, sort_key, unit_id);
