CREATE TABLE spans (
    leadership_id    uuid NOT NULL,
    body             text COLLATE "C" NOT NULL,
    organisation_id  uuid NOT NULL,
    term             text,
    regulations_term text,
    number           text,
    issued_on        date,
    title            text,
    model            text,
    size             integer,
    mode             text,
    valid            daterange NOT NULL CHECK (NOT isempty(valid)),
    known            int8range NOT NULL CHECK (NOT isempty(known)),
    line             text NOT NULL
);
