-- What a rebuild has come to; dropped when its view is compared. The rows of a range and its digest
-- are committed together, so whoever is killed leaves whole ranges, and the next one goes on.
CREATE TABLE building (
    one     boolean PRIMARY KEY DEFAULT true CHECK (one),
    epoch   uuid NOT NULL,
    goal    bigint NOT NULL,
    version integer NOT NULL,
    planned integer NOT NULL,           -- ranges
    done    integer NOT NULL DEFAULT 0, -- of these
    events  bigint NOT NULL DEFAULT 0   -- in these: so nobody need add up all ranges after each
);
CREATE TABLE ranges (
    number integer PRIMARY KEY,
    first  uuid NOT NULL,
    after  uuid,         -- NULL: to the end
    events bigint,       -- NULL: not laid out yet
    digest numeric(39)
);
CREATE INDEX ranges_open ON ranges (number) WHERE events IS NULL;
