-- The sum over all rows of 16 bytes of SHA-256, in two halves of 64 bits. Bytes become numbers with
-- a sign, which sums of the higher half modulo 2^128 do not notice, and the lower one is given back.
-- OFFSET 0 keeps the hash from being made anew wherever it is named.
SELECT count(*),
       coalesce(sum(substr(hash, 1, 8)::bigint), 0),
       coalesce(sum(substr(hash, 9, 8)::bigint), 0)
           + count(*) FILTER (WHERE substr(hash, 9, 8)::bigint < 0) * 18446744073709551616
FROM (SELECT sha256(convert_to(r::text, 'UTF8')) AS hash FROM {table} r WHERE {where} OFFSET 0) hashed
