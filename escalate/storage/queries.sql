-- What is asked of a database of any engine, by name (statements.py). A line after each name says what the statement finds.
-- Every engine has pieces of its own for `{in_these}` (is any of the values in the JSON list :these) and `{is_numbered}` (derived_case).

-- name: facts
-- what the database remembers about itself
SELECT name, value FROM kept


-- The history (history.py)

-- piece: entry_columns
-- what the digest of an entry is made of, in this order (chain.py)
id, case_ref, seq, kind, at, recorded_at, "by", data, commitments

-- piece: entry
-- the entries, or those that are wanted of them; a server has functions in the place of these, and of the words
entry

-- piece: entry_opened
entry

-- piece: entry_of_kind
entry

-- piece: entry_by
entry

-- piece: entry_between
entry

-- piece: entry_in_these
entry

-- piece: words_in_these
words

-- piece: of_these
-- of either, those of these cases: a server's functions were told which
WHERE case_ref {in_these}

-- piece: words_of_opened
words

-- piece: words_of_holders
words

-- piece: words_of_holders_in_these
words

-- piece: words_of_told
words

-- piece: words_of_told_in_these
words

-- piece: number_of_entries
(SELECT count(*) FROM entry)

-- piece: last_recorded
(SELECT max(recorded_at) FROM entry)

-- name: entries_of_cases
-- all entries of these cases
SELECT {entry_columns} FROM {entry_in_these} AS entry {of_these} ORDER BY case_ref, seq

-- name: words_of_cases
-- all words of these cases
SELECT entry_id, kind, field, content FROM {words_in_these} AS words {of_these} ORDER BY entry_id, field

-- name: refs
-- every case that has entries, in alphabetical order
SELECT DISTINCT case_ref AS ref FROM {entry_opened} AS entry ORDER BY case_ref

-- name: refs_in_order
-- every case, the oldest first
SELECT ref FROM cases ORDER BY number

-- name: refs_known_by
-- every case that was recorded by an instant, the oldest first
SELECT c.ref FROM cases c JOIN {entry_by} AS e ON e.case_ref = c.ref WHERE e.recorded_at <= :at GROUP BY c.ref, c.number ORDER BY c.number

-- name: refs_ending
-- every case whose reference is like a pattern
SELECT ref FROM cases WHERE ref LIKE :pattern ESCAPE '\' ORDER BY number

-- name: refs_about
-- every case about the person with a record number, but those opened by mistake
SELECT ref FROM cases WHERE (subject = :subject OR lower(subject) = :lowered) AND status <> 'void' ORDER BY number

-- name: open_about
-- the newest open cases about a person, by some spellings of the record number, with the two sides
SELECT ref, raising_agency, receiving_agency FROM cases WHERE status = 'open' AND subject {in_these} ORDER BY number DESC LIMIT 12

-- name: open_about_somebody
-- every open case that has a record number
SELECT ref, subject FROM cases WHERE status = 'open' AND subject IS NOT NULL ORDER BY number

-- name: open_raised
-- the newest open cases that were raised from one instant until before another, with the two sides
SELECT ref, raising_agency, receiving_agency FROM cases WHERE status = 'open' AND raised_at >= :since AND raised_at < :until
ORDER BY number DESC LIMIT :most

-- name: newest_refs
-- the newest cases, the newest first
SELECT ref FROM cases ORDER BY number DESC LIMIT 12

-- name: refs_changed_between
-- the cases that had entries recorded after one instant and up to another, and when each was first recorded
SELECT case_ref AS ref, min(recorded_at) AS first FROM {entry} AS entry
WHERE case_ref IN (SELECT case_ref FROM {entry_between} AS entry WHERE recorded_at > :since AND recorded_at <= :until) GROUP BY case_ref ORDER BY case_ref

-- name: protocols_known_by
-- the protocols of cases that had been recorded by an instant
SELECT DISTINCT c.protocol FROM cases c JOIN {entry_by} AS e ON e.case_ref = c.ref WHERE e.recorded_at <= :at

-- name: first_entries_like
-- the first entries whose data is like a pattern, with the reference of the person
SELECT e.case_ref, e.at, e.recorded_at, e.data, e.commitments, w.content AS subject FROM {entry_opened} AS e
LEFT JOIN {words_of_opened} AS w ON w.entry_id = e.id AND w.kind = 'subject' WHERE e.seq = 1 AND e.data LIKE :pattern

-- name: entries_like
-- the entries whose data is like a pattern, in the order in which they were recorded
SELECT case_ref, seq, kind, recorded_at, "by", data FROM {entry} AS entry WHERE data LIKE :pattern ORDER BY id

-- name: last_entries_of_kind
-- the last entry of a kind in each case that has one
SELECT case_ref, max(seq) AS seq FROM {entry_of_kind} AS entry WHERE kind = :kind GROUP BY case_ref

-- name: entries_of_kind
-- what the entries of a kind say
SELECT case_ref, data FROM {entry_of_kind} AS entry WHERE kind = :kind

-- name: size
-- how many cases and entries there are, and when the last was recorded
SELECT (SELECT count(*) FROM cases) AS cases, {number_of_entries} AS entries, {last_recorded} AS recorded_at


-- Lists (lists.py)

-- piece: case_columns
-- the fields of CaseLine but `identity`, in their order
c.ref, c.protocol, c.edition, c.route, c.status, c.stage, c.stage_name, c.entered_at, c.concern_at, c.raised_at, c.subject,
c.raising_agency, c.receiving_agency, c.calendar, c.facts, c.involved, c.themes

-- piece: deadline_columns
-- DEADLINE_FIELDS, in their order
d.route, d.stage, d.stage_name, d.action, d.action_name, d.owner, d.cite, d.ahead_of, d.occurrence, d.side, d.once_passed,
d.then_owner, d.call, d.agreement, d.ended_entry, d.late_in, d.target_at, d.due_at, d.act_by, d.agreed_until, d.met_at, d.ahead_at,
d.limit_at, d.stopped_since, d.judged_until, d.ended_at, d.runs_from, d.other_reading_at, d.outside_hours, d.provisional, d.waiting,
d.ends_stage, d.is_window, d.visit, d.is_standing, d.contacts, d.unanswered

-- piece: due
-- every deadline that has neither been met nor ended
SELECT {case_columns}, {deadline_columns} FROM deadline d JOIN cases c ON c.ref = d.case_ref WHERE d.met_at IS NULL AND d.ended_at IS NULL

-- piece: its_case
-- the case of a deadline
JOIN cases c ON c.ref = d.case_ref

-- piece: some_due
-- the same where it is some of them, and the cases of these alone are to be read
SELECT {case_columns}, {deadline_columns} FROM deadline d {its_case} WHERE d.met_at IS NULL AND d.ended_at IS NULL

-- name: due_by_case
-- all that is due, by case
{due} ORDER BY c.number, d.n

-- name: last_of_next_cases
-- the number of the last of the next cases after one
SELECT max(number) AS number FROM (SELECT number FROM cases WHERE number > :after ORDER BY number LIMIT :most) AS next_cases

-- name: due_in_cases_from_to
-- what is due in cases after a number and up to another
{due} AND c.number > :after AND c.number <= :last ORDER BY c.number, d.n

-- name: due_in_cases
-- what is due in these cases
{some_due} AND d.case_ref {in_these}

-- name: due_after
-- what is due after an instant
{some_due} AND d.due_at > :at ORDER BY c.number, d.n

-- piece: unmet
FROM deadline WHERE met_at IS NULL AND ended_at IS NULL

-- piece: standing
{unmet} AND is_standing = 1

-- piece: late
{unmet} AND is_standing = 0 AND is_window = 0 AND due_at < :now

-- piece: overtaken
{unmet} AND is_standing = 0 AND ahead_at < :now AND (due_at IS NULL OR due_at >= :now OR is_window = 1)

-- piece: in_order
-- about the order of the cases' numbers, which an index on deadlines does not have
length(case_ref), case_ref, n

-- piece: place
-- which deadline it is
case_ref, n

-- piece: place_of_d
-- the same of one that is called d
(d.case_ref, d.n)

-- piece: most_urgent
-- what is standing, and the most urgent of what is late and of what is overtaken
SELECT {place} {standing}
UNION ALL SELECT * FROM (SELECT {place} {late} ORDER BY due_at, {in_order} LIMIT :late) AS late
UNION ALL SELECT * FROM (
SELECT {place} {overtaken} ORDER BY coalesce(act_by, ahead_at), due_at NULLS LAST, {in_order} LIMIT :overtaken) AS overtaken

-- piece: due_and_most_urgent
-- those of them with their cases
{due} AND {place_of_d} IN ({most_urgent})

-- name: due_most_urgent
-- the beginning of the list of what has run out
{due_and_most_urgent} ORDER BY c.number, d.n

-- name: number_unmet
-- how many deadlines have neither been met nor ended, counted no further than asked for
SELECT count(*) AS number FROM (SELECT 1 {unmet} LIMIT :most) AS counted

-- name: number_standing
-- how many actions are standing
SELECT count(*) AS number {standing}

-- name: number_late
-- how many deadlines are late, counted no further than asked for
SELECT count(*) AS number FROM (SELECT 1 {late} LIMIT :most) AS counted

-- name: number_overtaken
-- how many deadlines are overtaken by a limit further up, counted no further than asked for
SELECT count(*) AS number FROM (SELECT 1 {overtaken} LIMIT :most) AS counted

-- name: number_of_cases
-- how many cases count
SELECT count(*) AS number FROM cases WHERE status <> 'void'

-- name: newest_cases
-- the newest cases that count
SELECT {case_columns} FROM cases c WHERE status <> 'void' ORDER BY number DESC LIMIT :most

-- name: newest_cases_and_void
-- the newest cases, those opened by mistake among them
SELECT {case_columns} FROM cases c ORDER BY number DESC LIMIT :most

-- name: calendars_of_due
-- the calendars that anything due was counted on
SELECT DISTINCT c.calendar FROM cases c JOIN deadline d ON d.case_ref = c.ref WHERE d.met_at IS NULL AND d.ended_at IS NULL

-- piece: who_holds
w ON w.entry_id = h.entry_id AND w.kind IN ('text', :kind)

-- name: holders
-- who holds each side of every case, with words of a kind beside the free text
SELECT h.case_ref, h.visit, h.n, h.side, h.from_day, h.until_day, w.field, w.content FROM holder h LEFT JOIN {words_of_holders} AS {who_holds}
ORDER BY h.case_ref, h.visit, h.n

-- name: holders_in_cases
-- the same in these cases
SELECT h.case_ref, h.visit, h.n, h.side, h.from_day, h.until_day, w.field, w.content FROM holder h LEFT JOIN {words_of_holders_in_these} AS {who_holds}
WHERE h.case_ref {in_these} ORDER BY h.case_ref, h.visit, h.n

-- piece: who_it_is
w ON w.entry_id = t.entry_id AND w.field = t.field AND w.kind = 'identity'

-- name: identities
-- what identifies the person in every case
SELECT t.case_ref, t.field, w.content FROM told t JOIN {words_of_told} AS {who_it_is} ORDER BY t.case_ref, t.field

-- name: identities_in_cases
-- the same in these cases
SELECT t.case_ref, t.field, w.content FROM told t JOIN {words_of_told_in_these} AS {who_it_is}
WHERE t.case_ref {in_these} ORDER BY t.case_ref, t.field


-- What a shell offers (offered.py): no names of people

-- name: cases_begun
-- the newest cases whose reference or record number begins so, but those opened by mistake
SELECT ref, subject, raising_agency, receiving_agency FROM cases
WHERE status <> 'void' AND (upper(ref) LIKE upper(:pattern) ESCAPE '\' OR upper(subject) LIKE upper(:pattern) ESCAPE '\') ORDER BY number DESC LIMIT :most

-- name: actions_open
-- what is to be done in a case
SELECT action, action_name, stage FROM deadline WHERE case_ref = :case AND met_at IS NULL AND ended_at IS NULL AND agreement = 0 ORDER BY n

-- name: edition_of_case
-- the text of the edition that a case is under, and of those it extends
SELECT x.text, x.bases FROM cases c JOIN edition x ON x.id = c.edition_id WHERE c.ref = :case

-- name: agencies_of_case
-- the other agencies that are involved in a case
SELECT involved FROM cases WHERE ref = :case

-- name: sides_recent
-- the agencies and themes of the newest cases
SELECT raising_agency, receiving_agency, involved, themes FROM cases WHERE status <> 'void' ORDER BY number DESC LIMIT :most

-- name: owners_open
-- who has to do some of what is due
SELECT DISTINCT owner FROM (SELECT owner FROM deadline WHERE met_at IS NULL AND ended_at IS NULL LIMIT :most) AS due ORDER BY owner


-- Calendars and editions (calendars.py, recounting.py, editions.py)

-- name: calendar_names
-- every calendar, the nations' first
SELECT name FROM calendar ORDER BY own IS NOT NULL, name

-- name: calendar_named
-- what a calendar is made of
SELECT own FROM calendar WHERE name = :name

-- name: own_calendar_names
-- the calendars of a protocol's own
SELECT name FROM calendar WHERE own IS NOT NULL

-- name: published_to
-- how far the bank holidays of every version are known
SELECT published_to FROM calendar_version

-- piece: version_columns
-- what the digest of a version of a calendar is made of, in this order (chain.py); since the ninth migration its words are apart
version, made_at, "by", why, opens, closes, first, last, published_to, authority_from, authority_to, source

-- piece: version_columns_of_today
{version_columns}, commitments, clock

-- name: versions_of_calendar
-- every version of a calendar, the oldest first, without its words, and whether the calendar is there and what it is made of
SELECT {version_columns_of_today}, (SELECT c.own FROM calendar c WHERE c.name = :calendar) AS own,
(SELECT count(*) FROM calendar c WHERE c.name = :calendar) AS held
FROM calendar_version WHERE calendar = :calendar ORDER BY version

-- piece: title
-- what a day off is called: a closure by its own words or by the reason of the version it began with, as far as they were not erased
coalesce(CASE WHEN d.kind = 'closure' AND d.name = '' THEN (
SELECT w.content FROM calendar_words w WHERE w.calendar = d.calendar AND w.version = d.since AND w.field IN (d.day, 'why')
ORDER BY w.field = 'why' LIMIT 1) ELSE d.name END, :erased)

-- name: days_off_now
-- the days off of a kind as they are now
SELECT day, {title} AS name FROM day_off d WHERE calendar = :calendar AND kind = :kind AND until IS NULL ORDER BY day

-- name: days_off_in_version
-- the days off as they were in a version
SELECT kind, day, {title} AS name FROM day_off d WHERE calendar = :calendar AND since <= :version
AND (until IS NULL OR until > :version) ORDER BY day

-- name: calendar_words
-- why calendars were changed and what closures are called, with salts
SELECT calendar, version, field, salt, content FROM calendar_words ORDER BY calendar, version, field

-- name: words_of_calendar
-- the same of one calendar
SELECT calendar, version, field, salt, content FROM calendar_words WHERE calendar = :calendar ORDER BY version, field

-- name: versions_and_commitments
-- every version of every calendar, and what it commits to
SELECT calendar, version, made_at, "by", commitments, clock FROM calendar_version ORDER BY calendar, version

-- name: editions_by_hand
-- the editions that were kept with the clock set by hand
SELECT id, protocol, dated, recorded_at, clock FROM edition WHERE clock IS NOT NULL ORDER BY id

-- name: cases_on_calendars
-- the cases that count on these calendars and in which something can move, or was met since they were last changed
SELECT ref FROM cases c WHERE calendar {in_these} AND (status = 'open'
OR EXISTS (SELECT 1 FROM deadline d WHERE d.case_ref = c.ref AND ((d.met_at IS NULL AND d.ended_at IS NULL) OR d.judged_until IS NULL)))
ORDER BY number

-- name: deadlines_in_cases
-- what is due in these cases, without the cases themselves
SELECT d.case_ref, {deadline_columns} FROM deadline d WHERE d.case_ref {in_these} AND d.met_at IS NULL AND d.ended_at IS NULL
ORDER BY d.case_ref, d.n

-- name: edition_text
-- the text with a digest, and those it extends
SELECT text, bases FROM edition WHERE digest = :digest

-- name: edition_dated
-- of the texts of one edition the one kept last
SELECT digest FROM edition WHERE protocol = :protocol AND dated = :dated ORDER BY id DESC LIMIT 1


-- What was derived of cases (derived.py)

-- name: derived_cases
-- their rows in the list of cases
SELECT c.ref, c.protocol, c.edition, x.digest AS edition_digest, c.calendar, c.route, c.stage, c.stage_name, c.status, c.subject,
c.raising_agency, c.receiving_agency, c.concern_at, c.raised_at, c.entered_at, c.resolved_at, c.facts, c.involved, c.themes
FROM cases c LEFT JOIN edition x ON x.id = c.edition_id WHERE c.ref {in_these} AND {is_numbered}

-- name: derived_deadlines
-- their deadlines
SELECT d.case_ref, d.n, {deadline_columns} FROM deadline d WHERE d.case_ref {in_these} ORDER BY d.case_ref, d.n

-- name: derived_holders
-- who holds them
SELECT h.case_ref, h.visit, h.n, h.side, e.seq, h.from_day, h.until_day FROM holder h LEFT JOIN {entry_in_these} AS e ON e.id = h.entry_id AND e.case_ref = h.case_ref
WHERE h.case_ref {in_these} ORDER BY h.case_ref, h.visit, h.n

-- name: derived_told
-- which words hold
SELECT t.case_ref, t.field, e.seq FROM told t LEFT JOIN {entry_in_these} AS e ON e.id = t.entry_id AND e.case_ref = t.case_ref
WHERE t.case_ref {in_these} ORDER BY t.case_ref, t.field

-- name: index_rows
-- every row of the index
SELECT content, case_ref, seq, field, kind FROM search_index


-- Digests, and settings that were used (digest_log.py, settings_used.py)

-- name: told_to
-- up to when a reader was told on an earlier day
SELECT max(told_to) AS told_to FROM digest WHERE reader = :reader AND sent_at IS NOT NULL AND day < :day

-- name: last_digest
-- the last message that was made for a reader before a day
SELECT day, sent_at FROM digest WHERE reader = :reader AND day < :day ORDER BY day DESC, id DESC LIMIT 1

-- name: last_made
-- when a digest last reached anybody; run 0 is of alerts
SELECT max(sent_at) AS sent_at FROM digest WHERE run > 0

-- name: last_run
-- the last run of a day
SELECT coalesce(max(run), 0) AS run FROM digest WHERE day = :day

-- name: unsent
-- the messages of a run that are still to be sent
SELECT id, reader, message, since FROM digest WHERE day = :day AND run = :run AND sent_at IS NULL

-- name: looks
-- every look at names, the oldest first
SELECT {look_columns} FROM look ORDER BY at, agency, id

-- name: look_words
-- what was said of looks, with its salts
SELECT agency, look, field, salt, content FROM look_words

-- name: setting_used
-- the value that a setting of somebody had at an instant
SELECT value FROM setting_used WHERE "by" = :by AND name = :name AND since <= :at ORDER BY since DESC LIMIT 1


-- The chain of hashes, and checks (chain.py, checks.py)

-- name: last_link
-- the last link
SELECT n, hash FROM link ORDER BY n DESC LIMIT 1

-- name: links
-- every link
SELECT n, what, ref, digest, hash FROM link ORDER BY n

-- name: first_link
-- the first link that stands for any of these
SELECT min(n) AS n FROM link WHERE what = :what AND ref {in_these}

-- name: links_from
-- the links from one on
SELECT n, what, ref, digest, hash FROM link WHERE n >= :n ORDER BY n

-- name: link_numbered
-- the hash of a link
SELECT hash FROM link WHERE n = :n

-- name: case_in_chain
-- the entries of a case, with the ids by which the chain has them
SELECT {entry_columns} FROM entry WHERE case_ref = :ref ORDER BY seq

-- piece: edition_columns
-- what the digest of an edition is made of, in this order (chain.py); the clock where it was set by hand
id, protocol, dated, digest, text, bases, recorded_at

-- name: edition_with_digest
-- all that is recorded of the edition whose text has a digest
SELECT {edition_columns}, clock FROM edition WHERE digest = :digest

-- name: entry_recorded
-- all that is recorded of an entry
SELECT {entry_columns} FROM entry WHERE id = :id

-- name: entries_recorded
-- the same of several that follow one another
SELECT {entry_columns} FROM entry WHERE id >= :first ORDER BY id LIMIT :most

-- name: edition_recorded
-- all that is recorded of an edition
SELECT {edition_columns}, clock FROM edition WHERE id = :id

-- name: edition_recorded_at_first
-- the same before the ninth migration
SELECT {edition_columns} FROM edition WHERE id = :id

-- piece: look_columns
-- what the digest of a look at names is made of, in this order (chain.py)
agency, id, at, "by", login, command, cases, data, commitments

-- name: look_recorded
-- all that is recorded of a look
SELECT {look_columns} FROM look WHERE agency = :agency AND id = :id

-- name: look_ids
-- every look
SELECT agency, id FROM look ORDER BY agency, id

-- name: version_recorded
-- all that is recorded of a version of a calendar, beside its days off
SELECT {version_columns}, own, commitments, clock FROM calendar_version JOIN calendar ON name = calendar
WHERE calendar = :calendar AND version = :version

-- name: version_recorded_at_first
-- the same before the ninth migration
SELECT {version_columns}, own FROM calendar_version JOIN calendar ON name = calendar WHERE calendar = :calendar AND version = :version

-- name: erasures_of_reasons
-- the records that say of which versions of calendars the reasons were erased
SELECT {look_columns} FROM look WHERE command = 'erase' AND data LIKE '%"erased_reasons":%' ORDER BY agency, id

-- name: takings
-- the records of cases that were taken over from another file, the first first
SELECT data FROM look WHERE data LIKE '%"taken_over":%' ORDER BY agency, id

-- name: link_of
-- the digest in the link of something
SELECT digest FROM link WHERE what = :what AND ref = :ref

-- name: days_begun
-- the days off that began with a version
SELECT day, kind, name, since FROM day_off WHERE calendar = :calendar AND since = :version ORDER BY day, kind, since

-- name: days_ended
-- the days off that ended with a version
SELECT day, kind, name, since FROM day_off WHERE calendar = :calendar AND until = :version ORDER BY day, kind, since

-- name: entry_ids
-- every entry
SELECT id FROM entry ORDER BY id

-- name: edition_ids
-- every edition
SELECT id FROM edition ORDER BY id

-- name: calendars_and_versions
-- all that has to have a link: a calendar without its first version, or a day of no version, is found by having none
SELECT name AS calendar, 1 AS version FROM calendar UNION SELECT calendar, version FROM calendar_version
UNION SELECT calendar, since FROM day_off UNION SELECT calendar, until FROM day_off WHERE until IS NOT NULL ORDER BY 1, 2

-- name: cases_without_history
-- the cases in the list that have no entries
SELECT ref FROM cases WHERE ref NOT IN (SELECT case_ref FROM {entry_opened} AS entry)

-- name: commitments_of_cases
-- what the entries of these cases commit to
SELECT id, case_ref, seq, kind, commitments FROM {entry_in_these} AS entry {of_these} ORDER BY case_ref, seq

-- name: kept_words_of_cases
-- the words of these cases with their salts
SELECT entry_id, case_ref, kind, field, salt, content FROM {words_in_these} AS words {of_these}


-- All of it, to be moved (whole.py)

-- name: whole_facts
-- what goes with it of what it remembers about itself: also how logs are read (logs.py)
SELECT name, value FROM kept WHERE name IN ('file', 'last reference', 'agencies joined') OR name LIKE 'log %'

-- name: whole_editions
-- every edition
SELECT id, protocol, dated, digest, text, recorded_at, bases, clock FROM edition ORDER BY id

-- name: whole_calendars
-- every calendar
SELECT name, own FROM calendar ORDER BY name

-- name: whole_versions
-- every version of every calendar
SELECT calendar, {version_columns_of_today} FROM calendar_version ORDER BY calendar, version

-- name: whole_days_off
-- every day off there is or was
SELECT calendar, day, kind, since, until, name FROM day_off ORDER BY calendar, day, kind, since

-- name: whole_entries
-- every entry
SELECT {entry_columns} FROM entry ORDER BY id

-- name: whole_words
-- all words, with their salts
SELECT entry_id, case_ref, kind, field, salt, content FROM words ORDER BY entry_id, field

-- name: whole_looks
-- every look at names
SELECT {look_columns} FROM look ORDER BY agency, id

-- name: whole_look_words
-- what was said of looks, with its salts
SELECT agency, look, field, salt, content FROM look_words ORDER BY agency, look, field

-- name: whole_digests
-- every digest
SELECT id, day, run, reader, message, since, recorded_at, claimed_at, told_to, sent_at FROM digest ORDER BY id

-- name: whole_settings
-- every setting that was used
SELECT "by", name, since, value FROM setting_used ORDER BY "by", name, since

-- name: whole_cases
-- the list of cases
SELECT ref, number, protocol, edition, edition_id, calendar, route, stage, stage_name, status, subject, raising_agency, receiving_agency,
concern_at, raised_at, entered_at, resolved_at, facts, involved, themes FROM cases ORDER BY number

-- name: whole_deadlines
-- every deadline
SELECT d.case_ref, d.n, {deadline_columns} FROM deadline d ORDER BY d.case_ref, d.n

-- name: whole_holders
-- who holds each side, by the entry that says so
SELECT case_ref, visit, n, side, entry_id, from_day, until_day FROM holder ORDER BY case_ref, visit, n

-- name: whole_told
-- which words hold, by the entry that has them
SELECT case_ref, field, entry_id FROM told ORDER BY case_ref, field
