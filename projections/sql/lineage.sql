CREATE TABLE edges (
    category   text NOT NULL CHECK (category IN ('unit', 'organisation')),
    giver      uuid NOT NULL,
    taker      uuid NOT NULL,
    on_day     date NOT NULL,
    position   bigint NOT NULL,
    way        text NOT NULL,
    extent     text NOT NULL CHECK (extent IN ('whole', 'part', 'unknown')),
    is_default boolean NOT NULL,
    population bigint CHECK (population >= 0), -- people
    area       bigint CHECK (area >= 0), -- square metres
    known      int8range NOT NULL CHECK (NOT isempty(known)),
    document   text
);
