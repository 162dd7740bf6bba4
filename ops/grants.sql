-- What a role needs that records and keeps the read models level, and no more.
-- Heads, commands and the counter move through the functions below only, which run with the rights
-- of the log's owner. INSERT on events is for COPY, which claim() has made room for.
GRANT CONNECT, TEMPORARY, CREATE ON DATABASE {database} TO {role}; -- CREATE: the schemas of its views
GRANT USAGE ON SCHEMA {schema} TO {role};
GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {role};
GRANT INSERT ON {schema}.events TO {role};
GRANT EXECUTE ON FUNCTION
    {schema}.append, {schema}.append_one, {schema}.append_each, {schema}.claim TO {role};
