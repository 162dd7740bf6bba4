CREATE TABLE spans (
    leadership_id   uuid NOT NULL,
    seat            text NOT NULL,
    organisation_id uuid NOT NULL,
    body            text COLLATE "C" NOT NULL,
    post            text COLLATE "C" NOT NULL,
    number          integer NOT NULL,
    filled          integer NOT NULL,
    acting          integer NOT NULL,
    due_on          date,
    surplus_until   date,
    vacant_since    date,
    valid           daterange NOT NULL CHECK (NOT isempty(valid)),
    known           int8range NOT NULL CHECK (NOT isempty(known)),
    line            text NOT NULL
);
