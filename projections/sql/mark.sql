-- How far the view has come, and a digest of what it has seen: "lag is zero" and "nothing was
-- skipped" are two claims. digest: sum modulo 2^128 of the first 16 bytes of the SHA-256 of each
-- event's position (eight bytes, the highest first) and record.
CREATE TABLE mark (
    one      boolean PRIMARY KEY DEFAULT true CHECK (one),
    position bigint NOT NULL,
    events   bigint NOT NULL,
    digest   numeric(39) NOT NULL,
    version  integer NOT NULL,
    built_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
