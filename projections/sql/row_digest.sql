-- The sum over all rows of 16 bytes of SHA-256, in two halves of 64 bits.
SELECT count(*),
       coalesce(sum(('x' || substr(hash, 1, 15))::bit(60)::bigint::numeric * 16
                  + ('x' || substr(hash, 16, 1))::bit(4)::integer), 0),
       coalesce(sum(('x' || substr(hash, 17, 15))::bit(60)::bigint::numeric * 16
                  + ('x' || substr(hash, 32, 1))::bit(4)::integer), 0)
FROM (SELECT encode(sha256(convert_to(r::text, 'UTF8')), 'hex') AS hash FROM {table} r) hashed
