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
