CREATE TABLE spans (
    unit_id     uuid NOT NULL,
    level       text NOT NULL,
    type        text NOT NULL,
    name        text NOT NULL,
    folded      text NOT NULL,
    sort_key    text COLLATE "C" NOT NULL,
    code        text,
    codes       jsonb NOT NULL,
    superior_id uuid,
    valid       daterange NOT NULL CHECK (NOT isempty(valid)),
    known       int8range NOT NULL CHECK (NOT isempty(known))
);
