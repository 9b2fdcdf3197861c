-- What only PostgreSQL is asked, and how it is asked what other engines are asked otherwise. Row security leaves out what is not for whoever asks.

-- piece: these
(SELECT jsonb_array_elements_text(CAST(:these AS jsonb)))

-- piece: is_numbered
-- the server itself numbers its cases
true

-- name: refs_numbered
-- every case of a number, of whichever agency, or of the one with a prefix
SELECT ref FROM cases WHERE (:prefix = '' OR ref LIKE :prefix || '%') AND ref ~ ('^[A-Z]+-?0*' || CAST(:number AS text) || '$') ORDER BY number

-- name: cases_with
-- the cases in which a phrase stands
SELECT DISTINCT case_ref FROM search_index WHERE folded LIKE :pattern AND kind IN {these}

-- name: passages
-- the words in which a phrase stands
SELECT s.case_ref, s.seq, s.field, e.kind, s.content FROM search_index s JOIN entry e ON e.case_ref = s.case_ref AND e.seq = s.seq
WHERE s.kind IN {these} AND s.folded LIKE ANY (SELECT jsonb_array_elements_text(CAST(:patterns AS jsonb)))
ORDER BY s.case_ref, s.seq, s.field

-- name: last_link
-- the last link of the chain that whoever asks may see: the unit's over everything, or their agency's own
(SELECT n, hash FROM link ORDER BY n DESC LIMIT 1)
UNION ALL (SELECT n, hash FROM agency_link WHERE agency = (SELECT me()) AND (SELECT me()) <> '*' ORDER BY n DESC LIMIT 1)

-- name: link_numbered
-- the hash of a link of that chain
SELECT hash FROM link WHERE n = :n
UNION ALL SELECT hash FROM agency_link WHERE agency = (SELECT me()) AND (SELECT me()) <> '*' AND n = :n

-- name: entry_recorded
-- all that is recorded of an entry, by its number in the chain
SELECT {entry_columns} FROM chain_entries(CAST(:id AS bigint) - 1, 1)

-- name: entry_ids
-- every entry by its number in the chain
SELECT id FROM chain_entries() ORDER BY id
