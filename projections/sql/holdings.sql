CREATE TABLE spans (
    leadership_id   uuid NOT NULL,
    holding_id      uuid NOT NULL,
    organisation_id uuid NOT NULL,
    person_id       uuid NOT NULL,
    body            text NOT NULL,
    post            text NOT NULL,
    act             text NOT NULL,
    place           text,
    state           text NOT NULL CHECK (state IN ('held', 'acting', 'suspended')),
    approval        text,
    held_from       date NOT NULL,
    position        bigint NOT NULL,
    valid           daterange NOT NULL CHECK (NOT isempty(valid)),
    known           int8range NOT NULL CHECK (NOT isempty(known)),
    line            text NOT NULL
);
