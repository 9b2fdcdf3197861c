-- What only SQLite is asked, and how it is asked what other engines are asked otherwise. `?` stands where thousands of rows are written.

-- piece: in_these
IN (SELECT value FROM json_each(:these))

-- piece: place
-- by two columns SQLite would look through all that is due
rowid

-- piece: place_of_d
d.rowid

-- piece: is_numbered
-- the number of a case is that in its reference, or what a server gave it
(c.number = CAST(substr(c.ref, 2) AS INTEGER) OR {of_server})

-- piece: of_server
-- the cases of a file that came from a server are numbered by the microseconds since 1970, those opened after them too
number > 1000000000000000

-- name: refs_numbered
-- the case of a number, with or without the letter before it; of those that came from a server, of whichever agency
SELECT ref FROM cases WHERE ref = printf('E%04d', :number) AND :prefix IN ('', 'E')
UNION ALL SELECT ref FROM cases WHERE {of_server} AND :prefix <> 'E' AND ref LIKE :prefix || '%' AND instr(ref, '-') > 0
AND CAST(substr(ref, instr(ref, '-') + 1) AS INTEGER) = :number

-- name: last_number
-- the number of the last case there was, here or in a file that this one took the place of
SELECT max(coalesce((SELECT CAST(substr(ref, 2) AS INTEGER) FROM cases WHERE substr(ref, 1, 1) = 'E' AND substr(ref, 2) NOT GLOB '*[^0-9]*'
ORDER BY number DESC LIMIT 1), 0), coalesce((SELECT CAST(value AS INTEGER) FROM kept WHERE name = :fact), 0)) AS number

-- name: cases_with
-- the cases in which a phrase stands
SELECT case_ref FROM search_index WHERE search_index MATCH :phrase AND kind {in_these}

-- name: passages
-- where a phrase stands
SELECT s.case_ref, s.seq, s.field, e.kind, snippet(search_index, 0, :mark, :mark, '…', 24) AS text
FROM search_index s JOIN entry e ON e.case_ref = s.case_ref AND e.seq = s.seq
WHERE search_index MATCH :phrase AND s.kind {in_these} ORDER BY s.case_ref, s.seq, s.field


-- Writing

-- name: next_entry
-- the id that the next entry gets
SELECT coalesce(max(id), 0) + 1 AS id FROM entry

-- name: add_entry
INSERT INTO entry ({entry_columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)

-- name: add_words
INSERT INTO words (entry_id, case_ref, kind, field, salt, content) VALUES (?, ?, ?, ?, ?, ?)

-- name: erase_words
DELETE FROM words WHERE case_ref {in_these}

-- name: next_look
-- the number that the next look at names gets
SELECT coalesce(max(id), 0) + 1 AS id FROM look WHERE agency = :agency

-- name: add_look
INSERT INTO look ({look_columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)

-- name: add_look_words
INSERT INTO look_words (agency, look, field, salt, content) VALUES (?, ?, ?, ?, ?)

-- name: erase_look_words
DELETE FROM look_words WHERE agency || '@' || look {in_these}

-- name: last_link_recorded
-- the last link but for records of erasures, which each copy of a file has got for itself
SELECT l.n, l.hash FROM link l
WHERE NOT EXISTS (SELECT 1 FROM entry e WHERE l.what = 'entry' AND e.id = CAST(l.ref AS INTEGER) AND e.kind = 'erased')
  AND NOT EXISTS (SELECT 1 FROM look o WHERE l.what = 'look' AND o.agency || '@' || o.id = l.ref AND o.command = 'erase')
ORDER BY l.n DESC LIMIT 1

-- name: add_link
INSERT INTO link (n, what, ref, digest, hash) VALUES (?, ?, ?, ?, ?)

-- name: add_to_index
INSERT INTO search_index (content, case_ref, seq, field, kind) VALUES (?, ?, ?, ?, ?)

-- name: erase_in_index
-- until renew_index it stays in the index itself, where nobody finds it
DELETE FROM search_index WHERE case_ref {in_these}

-- name: clear_index
DELETE FROM search_index

-- name: renew_index
INSERT INTO search_index (search_index) VALUES ('rebuild')

-- name: check_index
INSERT INTO search_index (search_index) VALUES ('integrity-check')

-- piece: number
-- in the order in which they were opened: the number in the reference, or after all there are in a file that came from a server
coalesce((SELECT number FROM cases WHERE ref = ?1 AND (number = ?20 OR {of_server})),
CASE WHEN ?20 IS NULL OR (SELECT max(number) FROM cases) > 1000000000000000
THEN (SELECT max(coalesce(max(number), 0), 1000000000000000) + 1 FROM cases) ELSE ?20 END)

-- name: add_case
-- CASE_COLUMNS in their order, and the number in the reference
INSERT INTO cases (ref, number, protocol, edition, edition_id, calendar, route, stage, stage_name, status, subject, raising_agency,
receiving_agency, concern_at, raised_at, entered_at, resolved_at, facts, involved, themes)
VALUES (?1, {number}, ?2, ?3, (SELECT id FROM edition WHERE digest = ?4), ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)
ON CONFLICT (ref) DO UPDATE SET number = excluded.number, protocol = excluded.protocol, edition = excluded.edition,
edition_id = excluded.edition_id, calendar = excluded.calendar, route = excluded.route, stage = excluded.stage,
stage_name = excluded.stage_name, status = excluded.status, subject = excluded.subject, raising_agency = excluded.raising_agency,
receiving_agency = excluded.receiving_agency, concern_at = excluded.concern_at, raised_at = excluded.raised_at,
entered_at = excluded.entered_at, resolved_at = excluded.resolved_at, facts = excluded.facts, involved = excluded.involved,
themes = excluded.themes

-- name: remove_deadlines
DELETE FROM deadline WHERE case_ref {in_these}

-- name: add_deadline
-- n and DEADLINE_FIELDS in their order
INSERT INTO deadline (case_ref, n, route, stage, stage_name, action, action_name, owner, cite, ahead_of, occurrence, side, once_passed,
then_owner, call, agreement, ended_entry, late_in, target_at, due_at, act_by, agreed_until, met_at, ahead_at, limit_at, stopped_since,
judged_until, ended_at, runs_from, other_reading_at, outside_hours, provisional, waiting, ends_stage, is_window, visit, is_standing,
contacts, unanswered)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)

-- name: remove_holders
DELETE FROM holder WHERE case_ref {in_these}

-- name: add_holder
INSERT INTO holder (case_ref, visit, n, side, entry_id, from_day, until_day)
VALUES (?1, ?2, ?3, ?4, (SELECT id FROM entry WHERE case_ref = ?1 AND seq = ?5), ?6, ?7)

-- name: remove_told
DELETE FROM told WHERE case_ref {in_these}

-- name: add_told
INSERT INTO told (case_ref, field, entry_id) VALUES (?1, ?2, (SELECT id FROM entry WHERE case_ref = ?1 AND seq = ?3))

-- name: add_edition
INSERT INTO edition (id, protocol, dated, digest, text, bases, recorded_at, clock)
VALUES ((SELECT coalesce(max(id), 0) + 1 FROM edition), :protocol, :dated, :digest, :text, :bases, :recorded_at, :clock)
ON CONFLICT (digest) DO NOTHING RETURNING id

-- name: add_calendar
INSERT INTO calendar (name, own) VALUES (:name, :own)

-- name: add_version
INSERT INTO calendar_version (calendar, {version_columns_of_today})
VALUES (:calendar, :version, :made_at, :by, '', :opens, :closes, :first, :last, :published_to, :authority_from, :authority_to, :source,
:commitments, :clock)

-- name: add_calendar_words
INSERT INTO calendar_words (calendar, version, field, salt, content) VALUES (?, ?, ?, ?, ?)

-- name: erase_calendar_words
DELETE FROM calendar_words WHERE calendar || '@' || version {in_these}

-- name: end_day_off
UPDATE day_off SET until = ? WHERE calendar = ? AND kind = ? AND day = ? AND until IS NULL

-- name: add_day_off
INSERT INTO day_off (calendar, since, kind, day, name) VALUES (?, ?, ?, ?, ?)

-- name: readers_of_run
-- to whom a run has a message
SELECT reader FROM digest WHERE day = :day AND run = :run

-- name: add_digest
INSERT INTO digest (id, day, run, reader, message, since, recorded_at)
VALUES ((SELECT coalesce(max(id), 0) + 1 FROM digest), :day, :run, :reader, :message, :since, :recorded_at)

-- name: claim_digest
UPDATE digest SET claimed_at = :at WHERE id = :id AND sent_at IS NULL AND (claimed_at IS NULL OR claimed_at <= :unless_since)

-- name: release_digest
UPDATE digest SET claimed_at = NULL WHERE id = :id

-- name: complete_digest
UPDATE digest SET sent_at = :sent_at, told_to = :told_to WHERE id = :id

-- name: keep_setting
INSERT INTO setting_used ("by", name, since, value) VALUES (:by, :name, :since, :value)
ON CONFLICT ("by", name, since) DO UPDATE SET value = excluded.value

-- name: set_fact
INSERT INTO kept (name, value) VALUES (:name, :value) ON CONFLICT (name) DO UPDATE SET value = excluded.value

-- name: drop_fact
DELETE FROM kept WHERE name = :name


-- The file as a whole

-- name: integrity
-- what SQLite finds damaged, or ok
PRAGMA integrity_check

-- name: lost_rows
-- rows that refer to others which are not there
PRAGMA foreign_key_check

-- name: make_anew
VACUUM

-- name: copy_into
VACUUM INTO :path


-- Taking in what another database held, with the numbers it had there (arriving.py)

-- name: take_fact
INSERT INTO kept (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value

-- name: take_edition
INSERT INTO edition (id, protocol, dated, digest, text, recorded_at, bases, clock) VALUES (?, ?, ?, ?, ?, ?, ?, ?)

-- name: take_calendar
INSERT INTO calendar (name, own) VALUES (?, ?)

-- name: take_version
INSERT INTO calendar_version (calendar, {version_columns_of_today}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)

-- name: take_day_off
INSERT INTO day_off (calendar, day, kind, since, until, name) VALUES (?, ?, ?, ?, ?, ?)

-- name: take_digest
INSERT INTO digest (id, day, run, reader, message, since, recorded_at, claimed_at, told_to, sent_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)

-- name: take_setting
INSERT INTO setting_used ("by", name, since, value) VALUES (?, ?, ?, ?)

-- name: take_case
INSERT INTO cases (ref, number, protocol, edition, edition_id, calendar, route, stage, stage_name, status, subject, raising_agency,
receiving_agency, concern_at, raised_at, entered_at, resolved_at, facts, involved, themes)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)

-- name: take_holder
INSERT INTO holder (case_ref, visit, n, side, entry_id, from_day, until_day) VALUES (?, ?, ?, ?, ?, ?, ?)

-- name: take_told
INSERT INTO told (case_ref, field, entry_id) VALUES (?, ?, ?)
