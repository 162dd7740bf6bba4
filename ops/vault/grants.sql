-- What a role needs of the vault that seals, reads and destroys, and no more.
-- Another master key is the business of the owner, and so is forgetting who has read: nobody's.
GRANT USAGE ON SCHEMA {schema} TO {role};
GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA {schema} TO {role};
REVOKE INSERT ON {schema}.migrations FROM {role};
GRANT UPDATE (words), DELETE ON {schema}.keys TO {role};
