CREATE TABLE spans (
    organisation_id uuid NOT NULL,
    kind            text NOT NULL,
    name            text NOT NULL,
    folded          text NOT NULL,
    sort_key        text COLLATE "C" NOT NULL,
    superior_id     uuid,
    unit_id         uuid,
    setting         text,
    status          text NOT NULL CHECK (status IN ('active', 'suspended')),
    codes           jsonb NOT NULL,
    valid           daterange NOT NULL CHECK (NOT isempty(valid)),
    known           int8range NOT NULL CHECK (NOT isempty(known))
);
