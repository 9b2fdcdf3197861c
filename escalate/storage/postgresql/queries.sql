-- What only PostgreSQL is asked, and how it is asked what other engines are asked otherwise. Row security leaves out what is not for whoever asks.

-- piece: these
(SELECT jsonb_array_elements_text(CAST(:these AS jsonb)))

-- piece: entry
-- a function that finds the entries which whoever asks may see; likewise the words
entries_seen()

-- piece: entry_opened
entries_seen(NULL, 'opened')

-- piece: entry_of_kind
entries_seen(NULL, :kind)

-- piece: entry_by
entries_seen(NULL, NULL, NULL, :at)

-- piece: entry_between
entries_seen(NULL, NULL, :since, :until)

-- piece: entry_in_these
entries_seen(ARRAY(SELECT jsonb_array_elements_text(CAST(:these AS jsonb))))

-- piece: words_in_these
words_seen(ARRAY(SELECT jsonb_array_elements_text(CAST(:these AS jsonb))))

-- piece: words_of_opened
words_seen(NULL, ARRAY(SELECT o.id FROM entries_seen(NULL, 'opened') o WHERE o.data LIKE :pattern))

-- piece: words_of_holders
words_seen(NULL, ARRAY(SELECT o.entry_id FROM holder o))

-- piece: words_of_holders_in_these
words_seen(NULL, ARRAY(SELECT o.entry_id FROM holder o WHERE o.case_ref IN {these}))

-- piece: words_of_told
words_seen(NULL, ARRAY(SELECT o.entry_id FROM told o))

-- piece: words_of_told_in_these
words_seen(NULL, ARRAY(SELECT o.entry_id FROM told o WHERE o.case_ref IN {these}))

-- piece: number_of_entries
(SELECT entries FROM size_seen())

-- piece: last_recorded
(SELECT recorded_at FROM size_seen())

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
WITH s AS MATERIALIZED (
SELECT case_ref, seq, field, content FROM search_index
WHERE kind IN {these} AND folded LIKE ANY (SELECT jsonb_array_elements_text(CAST(:patterns AS jsonb))))
SELECT s.case_ref, s.seq, s.field, e.kind, s.content FROM s
JOIN entries_seen(ARRAY(SELECT DISTINCT case_ref FROM s)) e ON e.case_ref = s.case_ref AND e.seq = s.seq
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

-- name: case_in_chain
-- the entries of a case by their numbers in the chain
SELECT {entry_columns} FROM chain_entries() WHERE case_ref = :ref ORDER BY seq

-- name: entry_ids
-- every entry by its number in the chain
SELECT id FROM chain_entries() ORDER BY id

-- name: agency_links
-- the links of the chain of the agency of whoever asks, each with its entry as far as that agency may see it
SELECT l.n, l.case_ref, l.seq, l.digest, l.hash, p IS NOT NULL AS is_seen, e.kind, e.at, e.recorded_at, e."by", e.data, e.commitments
FROM agency_link l LEFT JOIN cases_seen() p ON p = l.case_ref
LEFT JOIN entries_seen() e ON e.case_ref = l.case_ref AND e.seq = l.seq WHERE l.agency = (SELECT me()) ORDER BY l.n

-- name: entries_without_link
-- the entries that the agency of whoever asks may see, and that have no link in its chain
SELECT e.case_ref, e.seq FROM entries_seen() e
WHERE NOT EXISTS (SELECT FROM agency_link l WHERE l.agency = (SELECT me()) AND l.case_ref = e.case_ref AND l.seq = e.seq)
ORDER BY e.case_ref, e.seq

-- name: whose
-- the key of the agency of whoever asks
SELECT me() AS agency

-- name: is_of_mine
-- whether the agency of whoever asks is one of the two that a case is between
SELECT coalesce(me() IN (agency_key(CAST(:raising AS text)), agency_key(CAST(:receiving AS text))), false) AS it_is

-- name: strangers
-- the agencies that cases name and no login belongs to
SELECT DISTINCT named.agency FROM (
SELECT raising_agency AS agency FROM cases UNION SELECT receiving_agency FROM cases
) named
WHERE named.agency IS NOT NULL AND NOT EXISTS (
SELECT FROM membership m WHERE m.agency = agency_key(named.agency)) ORDER BY named.agency

-- name: guards_gone
-- the triggers that are gone or switched off
SELECT g.name FROM unnest(ARRAY[
'entry_is_only_added_to', 'entry_is_left_as_it_is', 'entry_comes_next', 'entry_comes_next_in_its_case', 'link_is_only_added_to',
'link_is_left_as_it_is', 'link_comes_next', 'edition_is_only_added_to', 'edition_is_left_as_it_is', 'edition_comes_next',
'calendar_version_is_only_added_to', 'calendar_version_is_left_as_it_is', 'calendar_version_comes_next', 'agency_link_is_only_added_to',
'agency_link_is_left_as_it_is', 'agency_link_comes_next', 'words_are_never_changed', 'words_are_left_as_they_are', 'look_is_only_added_to',
'look_is_left_as_it_is', 'look_comes_next', 'look_words_are_never_changed', 'look_words_are_left_as_they_are']) AS g (name)
WHERE NOT EXISTS (
SELECT FROM pg_catalog.pg_trigger t WHERE t.tgname = g.name AND t.tgenabled <> 'D' AND t.tgrelid::regclass::text LIKE split_part(g.name, '_', 1) || '%')

-- name: whole_facts
-- what goes with it of what it remembers about itself, and the last reference that the unit gave
SELECT name, value FROM kept WHERE name = 'file'
UNION ALL SELECT 'last reference', CAST(last AS text) FROM reference WHERE prefix = 'E' AND last > 0

-- name: whole_entries
-- every entry by its number in the chain
SELECT {entry_columns} FROM chain_entries() ORDER BY id

-- name: whole_words
-- all words with their salts, by the number of their entry in the chain
SELECT entry_id, case_ref, kind, field, salt, content FROM chain_words() ORDER BY entry_id, field

-- name: whole_digests
-- every digest, the unit's first; of what two agencies sent to the same reader the second gets a run of its own
SELECT row_number() OVER (ORDER BY agency, id) AS id, day,
CAST(run + 1000 * (row_number() OVER (PARTITION BY day, run, reader ORDER BY agency) - 1) AS integer) AS run,
reader, message, since, recorded_at, claimed_at, told_to, sent_at FROM all_digests() ORDER BY agency, id

-- name: whole_settings
-- every setting that was used
SELECT DISTINCT ON ("by", name, since) "by", name, since, value FROM all_settings() ORDER BY "by", name, since, agency

-- name: whole_holders
-- who holds each side, by the number of the entry in the chain that says so
SELECT case_ref, visit, n, side, entry_id FROM chain_holders()

-- name: whole_told
-- which words hold, by the number of the entry in the chain that has them
SELECT case_ref, field, entry_id FROM chain_told()
