ALTER TABLE edges ADD PRIMARY KEY (position, taker);
CREATE INDEX edges_giver ON edges (giver);
CREATE INDEX edges_taker ON edges (taker);
