CREATE TABLE spans (
    leadership_id   uuid NOT NULL,
    assignment_id   uuid NOT NULL,
    organisation_id uuid NOT NULL,
    person_id       uuid NOT NULL,
    kind            text NOT NULL,
    target_id       uuid,
    target          text,
    duties          text,
    position        bigint NOT NULL,
    valid           daterange NOT NULL CHECK (NOT isempty(valid)),
    known           int8range NOT NULL CHECK (NOT isempty(known)),
    line            text NOT NULL
);
