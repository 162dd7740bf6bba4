CREATE TABLE spans (
    review_id          uuid NOT NULL,
    period             text NOT NULL,
    year               integer NOT NULL,
    quarter            integer,
    decider_id         uuid,
    group_name         text NOT NULL,
    subjects_are       text NOT NULL,
    status             text NOT NULL,
    self_evaluation_on date,
    appraisal_on       date,
    decision_on        date,
    terms              jsonb NOT NULL,
    stated             jsonb,
    valid              daterange NOT NULL CHECK (NOT isempty(valid)),
    known              int8range NOT NULL CHECK (NOT isempty(known))
);
