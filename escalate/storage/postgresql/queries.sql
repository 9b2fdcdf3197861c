-- What only PostgreSQL is asked, and how it is asked what other engines are asked otherwise. Row security leaves out what is not for whoever asks.

-- piece: in_these
-- an array leads to rows by their keys; what a subquery finds is compared with every row, as there are no statistics (003_reading.sql)
= ANY (ARRAY(SELECT jsonb_array_elements_text(CAST(:these AS jsonb))))

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

-- piece: of_these

-- piece: words_of_opened
words_seen(NULL, ARRAY(SELECT o.id FROM entries_seen(NULL, 'opened') o WHERE o.data LIKE :pattern))

-- piece: words_of_holders
words_seen(NULL, ARRAY(SELECT o.entry_id FROM holder o))

-- piece: words_of_holders_in_these
words_seen(ARRAY(SELECT jsonb_array_elements_text(CAST(:these AS jsonb))), ARRAY(SELECT o.entry_id FROM holder o WHERE o.case_ref {in_these}))

-- piece: words_of_told
words_seen(NULL, ARRAY(SELECT o.entry_id FROM told o))

-- piece: words_of_told_in_these
words_seen(ARRAY(SELECT jsonb_array_elements_text(CAST(:these AS jsonb))), ARRAY(SELECT o.entry_id FROM told o WHERE o.case_ref {in_these}))

-- name: open_about
-- the newest open cases about a person: found by the record number first, or every case would be looked at in the order in which they are wanted
WITH theirs AS MATERIALIZED (SELECT ref, raising_agency, receiving_agency, number FROM cases WHERE status = 'open' AND subject {in_these})
SELECT ref, raising_agency, receiving_agency FROM theirs ORDER BY number DESC LIMIT 12

-- piece: number_of_entries
(SELECT entries FROM size_seen())

-- piece: last_recorded
(SELECT recorded_at FROM size_seen())

-- piece: its_case
-- the same, one by one by its key
CROSS JOIN LATERAL (SELECT * FROM cases WHERE ref = d.case_ref LIMIT 1) c

-- piece: due_and_most_urgent
-- the same, each deadline one by one by its key
SELECT {case_columns}, {deadline_columns} FROM ({most_urgent}) w
CROSS JOIN LATERAL (SELECT * FROM deadline WHERE case_ref = w.case_ref AND n = w.n LIMIT 1) d {its_case}

-- piece: is_numbered
-- the server itself numbers its cases
true

-- name: refs_numbered
-- every case of a number, of whichever agency, or of the one with a prefix: each series of references is looked up, and no other case (':' comes after '9')
WITH RECURSIVE series (beginning) AS (
(SELECT substring(ref FROM '^(?:[A-Z][A-Z0-9]*-|[A-Z]+)') FROM cases ORDER BY ref LIMIT 1)
UNION ALL
SELECT (SELECT substring(ref FROM '^(?:[A-Z][A-Z0-9]*-|[A-Z]+)') FROM cases WHERE ref > beginning || ':' ORDER BY ref LIMIT 1) FROM series WHERE beginning IS NOT NULL
)
SELECT ref FROM cases WHERE ref = ANY (ARRAY(
SELECT beginning || lpad(CAST(:number AS text), greatest(4, length(CAST(:number AS text))), '0') FROM series
WHERE starts_with(beginning, :prefix))) ORDER BY number

-- name: cases_with
-- the cases in which a phrase stands
SELECT DISTINCT case_ref FROM search_index WHERE folded LIKE :pattern AND kind {in_these}

-- name: passages
-- the words in which a phrase stands
WITH s AS MATERIALIZED (
SELECT case_ref, seq, field, content FROM search_index
WHERE kind {in_these} AND folded LIKE ANY (SELECT jsonb_array_elements_text(CAST(:patterns AS jsonb))))
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

-- name: entries_recorded
-- the same of several that follow one another
SELECT {entry_columns} FROM chain_entries(CAST(:first AS bigint) - 1, CAST(:most AS bigint))

-- name: case_in_chain
-- the entries of a case by their numbers in the chain
SELECT {entry_columns} FROM chain_entries_of(CAST(:ref AS text)) ORDER BY seq

-- name: entry_ids
-- every entry by its number in the chain
SELECT id FROM chain_entries() ORDER BY id

-- name: agency_links
-- the links of the chain of the agency of whoever asks, each with its entry as far as that agency may see it
SELECT l.n, l.case_ref, l.seq, l.digest, l.hash, p IS NOT NULL AS is_seen, e.kind, e.at, e.recorded_at, e."by", e.data, e.commitments
FROM agency_link l LEFT JOIN cases_seen() p ON p = l.case_ref
LEFT JOIN entries_seen() e ON e.case_ref = l.case_ref AND e.seq = l.seq WHERE l.agency = (SELECT me()) ORDER BY l.n

-- name: own_looks
-- the looks at names of the agency of whoever asks
SELECT {look_columns} FROM look WHERE agency = (SELECT me())

-- name: agency_links_from_case
-- the links of that chain from the one before the first of a case on
SELECT n, case_ref, seq, digest, hash FROM agency_link WHERE agency = (SELECT me())
AND n >= (SELECT min(n) - 1 FROM agency_link WHERE agency = (SELECT me()) AND case_ref = :ref) ORDER BY n

-- name: entries_without_link
-- the entries that the agency of whoever asks may see, and that have no link in its chain
SELECT e.case_ref, e.seq FROM entries_seen() e
WHERE NOT EXISTS (SELECT FROM agency_link l WHERE l.agency = (SELECT me()) AND l.case_ref = e.case_ref AND l.seq = e.seq)
ORDER BY e.case_ref, e.seq

-- name: whose
-- the key of the agency of whoever asks
SELECT me() AS agency

-- name: cases_left
-- the cases that the agency of whoever asks is no side of any more since an entry recorded after one instant and up to another
SELECT case_ref, seq, recorded_at, "by" FROM cases_left(:since, :until) ORDER BY recorded_at, case_ref

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

-- name: whole_facts
-- what goes with it of what it remembers about itself, also how logs are read (logs.py), and the last reference that the unit gave
SELECT name, value FROM kept WHERE name IN ('file', 'agencies joined') OR name LIKE 'log %'
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
SELECT case_ref, visit, n, side, entry_id, from_day, until_day FROM chain_holders()

-- name: whole_told
-- which words hold, by the number of the entry in the chain that has them
SELECT case_ref, field, entry_id FROM chain_told()

-- name: structure
-- all that the schema is made of: kind, name, and everything that was said of it, with its owner and who else has which right
WITH relation AS (
    SELECT c.oid, c.relname, c.relkind, c.relowner, c.relacl, c.relrowsecurity, c.relforcerowsecurity, c.reloptions
    FROM pg_catalog.pg_class c WHERE c.relnamespace = 'escalate'::regnamespace
), part (kind, name, owner, default_rights, rights, said) AS (
    SELECT 'schema', n.nspname::text, n.nspowner, acldefault('n', n.nspowner), n.nspacl, ''
    FROM pg_catalog.pg_namespace n WHERE n.nspname = 'escalate'
    UNION ALL
    SELECT CASE r.relkind WHEN 'r' THEN 'table' WHEN 'v' THEN 'view' ELSE 'relation' END, r.relname, r.relowner, acldefault('r', r.relowner), r.relacl,
        concat_ws('; ', r.relkind, CASE WHEN r.relrowsecurity THEN 'row security' END, CASE WHEN r.relforcerowsecurity THEN 'forced' END,
            CASE r.relkind WHEN 'v' THEN concat_ws(' ', r.reloptions::text, pg_get_viewdef(r.oid)) END,
            (SELECT string_agg(concat_ws(' ', a.attname, format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN 'not null' END,
                    'default ' || pg_get_expr(d.adbin, d.adrelid), nullif(a.attgenerated, ''), nullif(a.attidentity, ''),
                    'collate ' || o.collname, CASE a.attstattarget WHEN 0 THEN 'no statistics' END, a.attacl::text), ', ' ORDER BY a.attnum)
                FROM pg_catalog.pg_attribute a LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
                LEFT JOIN pg_catalog.pg_collation o ON o.oid = a.attcollation
                WHERE a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped),
            (SELECT string_agg(concat_ws(' ', k.conname, pg_get_constraintdef(k.oid), CASE WHEN NOT k.convalidated THEN 'not validated' END), ', ' ORDER BY k.conname)
                FROM pg_catalog.pg_constraint k WHERE k.conrelid = r.oid AND k.contype NOT IN ('n', 't')),
            (SELECT 'references not checked' FROM pg_catalog.pg_trigger t WHERE t.tgrelid = r.oid AND t.tgisinternal AND t.tgenabled <> 'O' LIMIT 1))
    FROM relation r WHERE r.relkind NOT IN ('i', 'I')
    UNION ALL
    SELECT 'index', r.relname, r.relowner, NULL, NULL, concat_ws('; ', pg_get_indexdef(r.oid), CASE WHEN NOT i.indisvalid THEN 'not valid' END)
    FROM relation r JOIN pg_catalog.pg_index i ON i.indexrelid = r.oid
    UNION ALL
    SELECT 'trigger', t.tgname || ' of ' || r.relname, NULL, NULL, NULL, concat_ws('; ', t.tgenabled, pg_get_triggerdef(t.oid))
    FROM relation r JOIN pg_catalog.pg_trigger t ON t.tgrelid = r.oid AND NOT t.tgisinternal
    UNION ALL
    SELECT 'rule', w.rulename || ' of ' || r.relname, NULL, NULL, NULL, concat_ws('; ', w.ev_enabled, pg_get_ruledef(w.oid))
    FROM relation r JOIN pg_catalog.pg_rewrite w ON w.ev_class = r.oid AND w.rulename <> '_RETURN'
    UNION ALL
    SELECT 'policy', p.polname || ' of ' || r.relname, NULL, NULL, NULL, concat_ws('; ', p.polcmd, CASE WHEN NOT p.polpermissive THEN 'restrictive' END,
        (SELECT string_agg(CASE each WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(each) END, ', ') FROM unnest(p.polroles) each),
        pg_get_expr(p.polqual, p.polrelid), 'check ' || pg_get_expr(p.polwithcheck, p.polrelid))
    FROM relation r JOIN pg_catalog.pg_policy p ON p.polrelid = r.oid
    UNION ALL
    SELECT 'table', i.inhrelid::regclass::text || ' below ' || r.relname, NULL, NULL, NULL, ''
    FROM relation r JOIN pg_catalog.pg_inherits i ON i.inhparent = r.oid WHERE r.relkind NOT IN ('i', 'I')
    UNION ALL
    SELECT CASE f.prokind WHEN 'f' THEN 'function' ELSE 'routine' END, f.proname || '(' || pg_get_function_identity_arguments(f.oid) || ')', f.proowner,
        acldefault('f', f.proowner), f.proacl, CASE WHEN f.prokind IN ('f', 'p', 'w') THEN encode(sha256(convert_to(
            CASE f.proname WHEN 'agency_key' THEN regexp_replace(pg_get_functiondef(f.oid), 'pg_catalog\."(und-x-icu|C.utf8|default)"', 'those of the database')
            ELSE pg_get_functiondef(f.oid) END, 'UTF8')), 'hex') ELSE '' END
    FROM pg_catalog.pg_proc f WHERE f.pronamespace = 'escalate'::regnamespace
    UNION ALL
    SELECT 'type', t.typname, t.typowner, acldefault('T', t.typowner), t.typacl, concat_ws('; ', t.typtype, format_type(t.typbasetype, t.typtypmod),
        'collate ' || o.collname, CASE WHEN t.typnotnull THEN 'not null' END, t.typdefault,
        (SELECT string_agg(concat_ws(' ', k.conname, pg_get_constraintdef(k.oid), CASE WHEN NOT k.convalidated THEN 'not validated' END), ', ' ORDER BY k.conname)
            FROM pg_catalog.pg_constraint k WHERE k.contypid = t.oid AND k.contype <> 'n'))
    FROM pg_catalog.pg_type t LEFT JOIN pg_catalog.pg_collation o ON o.oid = t.typcollation
    WHERE t.typnamespace = 'escalate'::regnamespace AND t.typtype IN ('d', 'e', 'r')
    UNION ALL
    SELECT 'operator', o.oprname || ' of ' || format_type(o.oprright, NULL), o.oprowner, NULL, NULL, '' FROM pg_catalog.pg_operator o
    WHERE o.oprnamespace = 'escalate'::regnamespace
    UNION ALL
    SELECT 'cast', format_type(k.castsource, NULL) || ' to ' || format_type(k.casttarget, NULL), NULL, NULL, NULL, '' FROM pg_catalog.pg_cast k
    WHERE EXISTS (SELECT FROM pg_catalog.pg_type t WHERE t.typnamespace = 'escalate'::regnamespace AND t.oid IN (k.castsource, k.casttarget))
    UNION ALL
    SELECT 'default of new', CASE d.defaclobjtype WHEN 'r' THEN 'tables' WHEN 'f' THEN 'functions' WHEN 'T' THEN 'types' ELSE d.defaclobjtype::text END,
        d.defaclrole, NULL, d.defaclacl, ''
    FROM pg_catalog.pg_default_acl d WHERE d.defaclnamespace IN (0, 'escalate'::regnamespace) AND pg_get_userbyid(d.defaclrole) = 'escalate_owner'
    UNION ALL
    SELECT 'role', named, NULL, NULL, NULL, concat_ws('; ', VARIADIC ARRAY(
        SELECT more FROM unnest(ARRAY['escalate_owner', 'pg_read_all_data', 'pg_write_all_data', 'pg_read_all_stats', 'pg_execute_server_program', 'pg_read_server_files']) more
        WHERE more <> named AND pg_has_role(named, more, 'MEMBER')))
    FROM unnest(ARRAY['escalate_owner', 'escalate_member']) named
)
SELECT kind, name, concat_ws('; ', said, 'of ' || pg_get_userbyid(owner),
    (SELECT string_agg(right_of, ', ' ORDER BY right_of COLLATE "C") FROM (
        SELECT CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(g.grantee) END || '=' || g.privilege_type || CASE WHEN g.is_grantable THEN '*' ELSE '' END
        FROM aclexplode(coalesce(rights, default_rights)) g WHERE g.grantee <> owner
    ) granted (right_of))) AS text
FROM part ORDER BY kind COLLATE "C", name COLLATE "C"
