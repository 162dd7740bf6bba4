-- By an expression that no question uses: else their planner takes it for quick.
ALTER TABLE spans ADD CONSTRAINT spans_say_one_thing
    EXCLUDE USING gist ((review_id::text) WITH =, valid WITH &&, known WITH &&);
CREATE INDEX spans_review ON spans (review_id);
CREATE INDEX spans_period ON spans (period, review_id);
CREATE INDEX spans_decider ON spans (decider_id, period);
