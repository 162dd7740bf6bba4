-- How far the view has come, and a digest of what it has seen: "lag is zero" and "nothing was
-- skipped" are two claims. digest: sum modulo 2^128 of the first 16 bytes of the SHA-256 of each
-- event's position (eight bytes, the highest first) and record.
CREATE TABLE mark (
    one      boolean PRIMARY KEY DEFAULT true CHECK (one),
    position bigint NOT NULL,
    events   bigint NOT NULL,
    digest   numeric(39) NOT NULL,
    version  integer NOT NULL,
    decided  bigint NOT NULL, -- position of the last decision about parked streams; 0: none
    built_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Streams whose rows stay as they are, for the event at `position` could not be taken in.
CREATE TABLE parked (
    stream    uuid PRIMARY KEY,
    position  bigint NOT NULL,
    version   integer NOT NULL, -- of that event in its stream
    step      text NOT NULL CHECK (step IN ('decoding', 'folding', 'laying out', 'writing')),
    reason    text NOT NULL,
    parked_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Events that are left out, for somebody has decided so.
CREATE TABLE discarded (
    position bigint PRIMARY KEY,
    stream   uuid NOT NULL
);
