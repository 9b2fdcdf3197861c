-- Who may read what. PUBLIC has nothing; members read through row security, and write through functions alone.

SET LOCAL ROLE escalate_owner;

-- Views for other programs: they read as whoever asks, so that row security holds in them too ------------------------------------------------

CREATE OR REPLACE VIEW escalate.open_deadline WITH (security_invoker = true, security_barrier = true) AS
    SELECT d.case_ref, c.subject, c.protocol, d.stage, d.stage_name, d.action, d.action_name, d.owner,
           d.target_at, d.due_at, d.act_by, c.raising_agency, c.receiving_agency, d.cite, d.unanswered
    FROM escalate.deadline d JOIN escalate.cases c ON c.agency = d.agency AND c.ref = d.case_ref
    WHERE d.met_at IS NULL AND d.ended_at IS NULL;
CREATE OR REPLACE VIEW escalate.missed_deadline WITH (security_invoker = true, security_barrier = true) AS
    SELECT d.case_ref, c.subject, c.protocol, d.stage, d.stage_name, d.action, d.action_name, d.call, d.owner,
           d.due_at, d.ended_at, d.ended_entry, c.raising_agency, c.receiving_agency, d.cite, d.provisional, d.unanswered
    FROM escalate.deadline d JOIN escalate.cases c ON c.agency = d.agency AND c.ref = d.case_ref
    WHERE d.met_at IS NULL AND d.ended_at > d.due_at AND d.is_window = 0;
CREATE OR REPLACE VIEW escalate.case_words WITH (security_invoker = true, security_barrier = true) AS
    SELECT t.case_ref, t.field, w.content
    FROM escalate.told t JOIN escalate.words_seen(NULL, ARRAY(SELECT o.entry_id FROM escalate.told o)) w ON w.entry_id = t.entry_id AND w.field = t.field
    WHERE w.kind = 'text';

-- Everything of before is taken away, and what is given stands below -----------------------------------------------------------------------------

REVOKE ALL ON SCHEMA escalate FROM PUBLIC, escalate_member;
REVOKE ALL ON ALL TABLES IN SCHEMA escalate FROM PUBLIC, escalate_member;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA escalate FROM PUBLIC, escalate_member;
ALTER DEFAULT PRIVILEGES IN SCHEMA escalate REVOKE ALL ON TABLES FROM PUBLIC;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES REVOKE USAGE ON TYPES FROM PUBLIC;
GRANT USAGE ON SCHEMA escalate TO escalate_member;

GRANT EXECUTE ON FUNCTION
    escalate.me(), escalate.my_agency(), escalate.agency_key(text), escalate.replica_age(), escalate.begin_writing(), escalate.is_known(uuid), escalate.next_reference(text),
    escalate.record(jsonb), escalate.derive(jsonb), escalate.erase(jsonb), escalate.wipe(jsonb), escalate.reindex(jsonb), escalate.add_edition(jsonb),
    escalate.add_calendar_version(jsonb), escalate.erase_reasons(jsonb), escalate.look(jsonb), escalate.erase_looks(jsonb), escalate.add_digests(jsonb), escalate.claim_digest(jsonb), escalate.release_digest(jsonb),
    escalate.complete_digest(jsonb), escalate.keep_setting(jsonb), escalate.set_fact(jsonb), escalate.drop_fact(jsonb),
    escalate.take_over(jsonb), escalate.taken_over(), escalate.not_whole(), escalate.chain_links(bigint, bigint),
    escalate.chain_entries(bigint, bigint), escalate.chain_entries_of(text), escalate.chain_words(bigint, bigint), escalate.chain_holders(), escalate.chain_told(),
    escalate.all_digests(), escalate.all_settings(), escalate.on_disk()
TO escalate_member;
GRANT EXECUTE ON FUNCTION
    escalate.cases_seen(text[]), escalate.entries_seen(text[], text, text, text), escalate.words_seen(text[], bigint[]), escalate.cases_left(text, text), escalate.size_seen()
TO escalate_member;

-- No statistics of what names a case, an agency or a person: EXPLAIN would tell by them which others there are. Keys lead to the rows.

DO $$
DECLARE
    kept record;
BEGIN
    FOR kept IN
        SELECT a.attrelid::regclass AS named, a.attname FROM pg_attribute a
        WHERE a.attrelid IN (
            'escalate.cases'::regclass, 'escalate.deadline'::regclass, 'escalate.holder'::regclass, 'escalate.told'::regclass,
            'escalate.search_index'::regclass, 'escalate.agency_link'::regclass
        ) AND a.attname IN ('ref', 'case_ref', 'subject', 'raising_agency', 'receiving_agency', 'content', 'folded', 'hash', 'digest', 'entry_id')
    LOOP
        EXECUTE format('ALTER TABLE %s ALTER COLUMN %I SET STATISTICS 0', kept.named, kept.attname);
    END LOOP;
END $$;

DO $$
DECLARE
    shown record;
    which text;
BEGIN
    FOR shown IN
        SELECT * FROM (VALUES
            -- what each agency has a copy of, or keeps for itself
            ('cases', 'agency = (SELECT escalate.me())'),
            ('deadline', 'agency = (SELECT escalate.me())'),
            ('holder', 'agency = (SELECT escalate.me())'),
            ('told', 'agency = (SELECT escalate.me())'),
            ('search_index', 'agency = (SELECT escalate.me())'),
            ('digest', 'agency = (SELECT escalate.me())'),
            ('setting_used', 'agency = (SELECT escalate.me())'),
            -- who looked at names: each agency at its own looks, the unit at all
            ('look', 'agency = (SELECT escalate.me()) OR (SELECT escalate.me()) = ''*'''),
            ('look_words', 'agency = (SELECT escalate.me()) OR (SELECT escalate.me()) = ''*'''),
            -- what all members share; how the unit reads logs, and which agencies it gave one name, names agencies
            ('kept', '(SELECT escalate.me()) = ''*'' OR ((SELECT escalate.me()) <> '''' AND name IN (''file'', ''schema'', ''rules'', ''to wipe'', ''taking over''))'),
            ('edition', '(SELECT escalate.me()) <> '''''),
            ('calendar', '(SELECT escalate.me()) <> '''''),
            ('calendar_version', '(SELECT escalate.me()) <> '''''),
            ('day_off', '(SELECT escalate.me()) <> '''''),
            ('calendar_words', '(SELECT escalate.me()) <> '''''),
            -- the chains: its own, and all of them for the unit
            ('agency_link', 'agency = (SELECT escalate.me()) OR (SELECT escalate.me()) = ''*'''),
            ('link', '(SELECT escalate.me()) = ''*'''),
            ('agency', '(SELECT escalate.me()) = ''*'''),
            ('membership', '(SELECT escalate.me()) = ''*'''),
            ('reference', '(SELECT escalate.me()) = ''*'''),
            ('recorded', '(SELECT escalate.me()) = ''*'''),
            -- for the functions alone
            ('party', 'false'),
            ('entry', 'false'),
            ('words', 'false'),
            ('counter', 'false'),
            ('request', 'false')
        ) AS listed (named, rows)
    LOOP
        EXECUTE format('ALTER TABLE escalate.%I ENABLE ROW LEVEL SECURITY', shown.named);
        EXECUTE format('DROP POLICY IF EXISTS members_read ON escalate.%I', shown.named);
        EXECUTE format('CREATE POLICY members_read ON escalate.%I FOR SELECT TO escalate_member USING (%s)', shown.named, shown.rows);
        CONTINUE WHEN shown.rows = 'false';
        -- By column, never the whole table: the system's own columns (ctid, xmin) tell how much is written between two rows.
        SELECT string_agg(quote_ident(a.attname), ', ') INTO which FROM pg_attribute a
        WHERE a.attrelid = ('escalate.' || quote_ident(shown.named))::regclass AND a.attnum > 0 AND NOT a.attisdropped;
        EXECUTE format('GRANT SELECT (%s) ON escalate.%I TO escalate_member', which, shown.named);
    END LOOP;
    FOREACH which IN ARRAY ARRAY['open_deadline', 'missed_deadline', 'case_words'] LOOP
        EXECUTE format('GRANT SELECT ON escalate.%I TO escalate_member', which);
    END LOOP;
END $$;

RESET ROLE;
