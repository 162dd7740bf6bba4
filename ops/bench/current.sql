-- The state as last known of each organisation, and what it gave way to.
CREATE TABLE current_state (
    id          uuid      NOT NULL,
    name        text      NOT NULL,
    superior_id uuid,
    status      text      NOT NULL,
    since       date      NOT NULL,
    valid       daterange NOT NULL,
    known       int8range NOT NULL
);
