CREATE UNIQUE INDEX current_state_stands ON current_state (id) WHERE upper_inf(known);
