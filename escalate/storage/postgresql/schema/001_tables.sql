-- The tables of the server, and the triggers that keep the history as it is. Run once, when there are none; what follows is run each time.
-- Columns are those of a file after so many migrations as kept.schema says; beside them: who may see a row.
--
-- agency, membership   which agencies there are, and which one each login belongs to ('*': the business unit, which sees everything)
-- party                which agencies may see a case: those that its newest row names, and the unit
-- counter              the one row that everybody who writes locks first
-- reference            the last number of each prefix
-- request              what was asked for: the same request sent again adds nothing
-- recorded             who was logged in when an entry was recorded, and when by the server's clock
-- agency_link          a chain of hashes for each agency, over the entries it got to see and its looks at names, in that order

CREATE SCHEMA escalate AUTHORIZATION escalate_owner;
SET LOCAL ROLE escalate_owner;

CREATE DOMAIN escalate.text_c AS text COLLATE "C";
CREATE DOMAIN escalate.instant AS text COLLATE "C" CHECK (VALUE ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$');
CREATE DOMAIN escalate.day AS text COLLATE "C" CHECK (VALUE ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$');
CREATE DOMAIN escalate.sum AS text COLLATE "C" CHECK (VALUE ~ '^[0-9a-f]{64}$');
CREATE DOMAIN escalate.flag AS integer CHECK (VALUE IN (0, 1));
CREATE DOMAIN escalate.list AS text COLLATE "C" CHECK (jsonb_typeof(VALUE::jsonb) = 'array');
CREATE DOMAIN escalate.object AS text COLLATE "C" CHECK (jsonb_typeof(VALUE::jsonb) = 'object');

-- Who may see what -----------------------------------------------------------------------------------------------------------------

CREATE TABLE escalate.agency (
    key escalate.text_c PRIMARY KEY,
    name escalate.text_c NOT NULL,
    prefix escalate.text_c NOT NULL UNIQUE CHECK (prefix ~ '^[A-Z][A-Z0-9]{0,9}$' AND (prefix = 'E') = (key = '*'))
);
CREATE TABLE escalate.membership (
    login name PRIMARY KEY,
    agency escalate.text_c NOT NULL REFERENCES escalate.agency (key)
);
CREATE TABLE escalate.party (
    agency escalate.text_c REFERENCES escalate.agency (key),
    case_ref escalate.text_c,
    PRIMARY KEY (agency, case_ref)
);
CREATE INDEX party_case ON escalate.party (case_ref);

-- What everybody who writes goes by --------------------------------------------------------------------------------------------------

CREATE TABLE escalate.kept (
    name escalate.text_c PRIMARY KEY,
    value escalate.text_c NOT NULL
);
CREATE TABLE escalate.counter (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    entry_n bigint NOT NULL DEFAULT 0,
    link_n bigint NOT NULL DEFAULT 0,
    link_hash escalate.text_c NOT NULL,
    case_number bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 10);  -- changed by every writer, and always in place
CREATE TABLE escalate.reference (
    prefix escalate.text_c PRIMARY KEY REFERENCES escalate.agency (prefix) ON UPDATE CASCADE,
    last bigint NOT NULL DEFAULT 0
);
CREATE TABLE escalate.request (
    id uuid PRIMARY KEY,
    login name NOT NULL,
    at timestamptz NOT NULL,
    transaction xid8 NOT NULL
);

-- The history ------------------------------------------------------------------------------------------------------------------------

CREATE TABLE escalate.edition (
    id integer PRIMARY KEY,
    protocol escalate.text_c NOT NULL,
    dated escalate.text_c NOT NULL,
    digest escalate.sum NOT NULL UNIQUE,
    text escalate.text_c NOT NULL,
    recorded_at escalate.instant NOT NULL,
    bases escalate.list NOT NULL DEFAULT '[]'
);
CREATE TABLE escalate.calendar (
    name escalate.text_c PRIMARY KEY,
    own escalate.text_c
);
CREATE TABLE escalate.calendar_version (
    calendar escalate.text_c REFERENCES escalate.calendar (name),
    version integer,
    made_at escalate.instant NOT NULL,
    by escalate.text_c NOT NULL,
    why escalate.text_c NOT NULL,
    opens escalate.text_c NOT NULL,
    closes escalate.text_c NOT NULL,
    first escalate.day NOT NULL,
    last escalate.day NOT NULL,
    published_to escalate.day NOT NULL,
    authority_from escalate.day,
    authority_to escalate.day,
    source escalate.text_c NOT NULL,
    PRIMARY KEY (calendar, version)
);
CREATE TABLE escalate.day_off (
    calendar escalate.text_c REFERENCES escalate.calendar (name),
    day escalate.day,
    kind escalate.text_c,
    since integer,
    until integer,
    name escalate.text_c NOT NULL,
    PRIMARY KEY (calendar, day, kind, since)
);
CREATE TABLE escalate.entry (
    id bigint PRIMARY KEY,         -- drawn at random: it tells nothing
    n bigint NOT NULL UNIQUE,      -- the number in the chain, which a file has for its id
    case_ref escalate.text_c NOT NULL,
    seq integer NOT NULL,
    kind escalate.text_c NOT NULL,
    at escalate.instant NOT NULL,
    recorded_at escalate.instant NOT NULL,
    by escalate.text_c NOT NULL,
    data escalate.object NOT NULL,
    commitments escalate.object NOT NULL,
    UNIQUE (case_ref, seq)
);
CREATE INDEX entry_recorded ON escalate.entry (recorded_at);
CREATE TABLE escalate.words (
    entry_id bigint REFERENCES escalate.entry (id),
    case_ref escalate.text_c NOT NULL,
    kind escalate.text_c NOT NULL,
    field escalate.text_c,
    salt escalate.text_c NOT NULL,
    content escalate.text_c NOT NULL,
    PRIMARY KEY (entry_id, field)
);
CREATE INDEX words_case ON escalate.words (case_ref);
CREATE TABLE escalate.recorded (
    entry_id bigint PRIMARY KEY REFERENCES escalate.entry (id),
    login name NOT NULL,
    at timestamptz NOT NULL
);
CREATE TABLE escalate.link (
    n bigint PRIMARY KEY,
    what escalate.text_c NOT NULL,
    ref escalate.text_c NOT NULL,
    digest escalate.sum NOT NULL,
    hash escalate.sum NOT NULL,
    UNIQUE (what, ref)
);
CREATE TABLE escalate.agency_link (
    agency escalate.text_c REFERENCES escalate.agency (key),
    n bigint,
    case_ref escalate.text_c NOT NULL,
    seq integer NOT NULL,
    digest escalate.sum NOT NULL,
    hash escalate.sum NOT NULL,
    PRIMARY KEY (agency, n),
    UNIQUE (agency, case_ref, seq)
);

-- What the history comes to: a copy of each row for every agency that may see it, so that each finds its own in an index ------------------

CREATE TABLE escalate.cases (
    agency escalate.text_c,
    ref escalate.text_c,
    number bigint NOT NULL,
    protocol escalate.text_c NOT NULL,
    edition escalate.text_c NOT NULL,
    edition_id integer NOT NULL REFERENCES escalate.edition (id),
    calendar escalate.text_c NOT NULL REFERENCES escalate.calendar (name),
    route escalate.text_c NOT NULL,
    stage escalate.text_c NOT NULL,
    stage_name escalate.text_c NOT NULL,
    status escalate.text_c NOT NULL,
    subject escalate.text_c,
    raising_agency escalate.text_c,
    receiving_agency escalate.text_c,
    concern_at escalate.instant NOT NULL,
    raised_at escalate.instant NOT NULL,
    entered_at escalate.instant NOT NULL,
    resolved_at escalate.instant,
    facts escalate.object NOT NULL,
    involved escalate.list NOT NULL DEFAULT '[]',
    themes escalate.list NOT NULL DEFAULT '[]',
    PRIMARY KEY (agency, ref),
    UNIQUE (agency, number),
    FOREIGN KEY (agency, ref) REFERENCES escalate.party (agency, case_ref)
);
CREATE TABLE escalate.deadline (
    agency escalate.text_c,
    case_ref escalate.text_c,
    n integer,
    visit integer NOT NULL,
    route escalate.text_c NOT NULL,
    stage escalate.text_c NOT NULL,
    stage_name escalate.text_c NOT NULL,
    action escalate.text_c NOT NULL,
    action_name escalate.text_c NOT NULL,
    owner escalate.text_c NOT NULL,
    cite escalate.text_c,
    target_at escalate.instant,
    due_at escalate.instant,
    act_by escalate.instant,
    outside_hours escalate.flag NOT NULL,
    provisional escalate.flag NOT NULL,
    waiting escalate.flag NOT NULL,
    agreed_until escalate.instant,
    met_at escalate.instant,
    ends_stage escalate.flag NOT NULL,
    is_standing escalate.flag NOT NULL,
    contacts escalate.list NOT NULL,
    ahead_of escalate.text_c,
    ahead_at escalate.instant,
    limit_at escalate.instant,
    occurrence integer NOT NULL DEFAULT 0,
    is_window escalate.flag NOT NULL DEFAULT 0,
    side escalate.text_c,
    once_passed escalate.text_c,
    then_owner escalate.text_c,
    stopped_since escalate.instant,
    judged_until escalate.instant,
    call integer NOT NULL DEFAULT 1,
    agreement integer NOT NULL DEFAULT 0,
    ended_at escalate.instant,
    runs_from escalate.instant,
    ended_entry integer,
    unanswered escalate.list NOT NULL DEFAULT '[]',
    late_in escalate.text_c NOT NULL DEFAULT 'hour',
    PRIMARY KEY (agency, case_ref, n),
    FOREIGN KEY (agency, case_ref) REFERENCES escalate.cases (agency, ref)
);
CREATE INDEX deadline_open ON escalate.deadline (agency, due_at, is_standing, is_window, case_ref, n)
    WHERE met_at IS NULL AND ended_at IS NULL;
CREATE INDEX deadline_overtaken ON escalate.deadline (agency, ahead_at, is_standing, due_at, is_window, act_by, case_ref, n)
    WHERE met_at IS NULL AND ended_at IS NULL AND ahead_at IS NOT NULL;
CREATE INDEX deadline_standing ON escalate.deadline (agency, case_ref, n)
    WHERE met_at IS NULL AND ended_at IS NULL AND is_standing = 1;
CREATE TABLE escalate.holder (
    agency escalate.text_c,
    case_ref escalate.text_c,
    visit integer,
    n integer,
    side escalate.text_c NOT NULL,
    entry_id bigint NOT NULL,
    PRIMARY KEY (agency, case_ref, visit, n),
    FOREIGN KEY (agency, case_ref) REFERENCES escalate.cases (agency, ref)
);
CREATE TABLE escalate.told (
    agency escalate.text_c,
    case_ref escalate.text_c,
    field escalate.text_c,
    entry_id bigint NOT NULL,
    PRIMARY KEY (agency, case_ref, field),
    FOREIGN KEY (agency, case_ref) REFERENCES escalate.cases (agency, ref)
);
CREATE TABLE escalate.search_index (
    agency escalate.text_c NOT NULL,
    case_ref escalate.text_c NOT NULL,
    seq integer NOT NULL,
    field escalate.text_c NOT NULL,
    kind escalate.text_c NOT NULL,
    content escalate.text_c NOT NULL,
    folded escalate.text_c NOT NULL,
    FOREIGN KEY (agency, case_ref) REFERENCES escalate.party (agency, case_ref)
);
CREATE INDEX search_case ON escalate.search_index (agency, case_ref, seq);

-- What each agency keeps for itself ----------------------------------------------------------------------------------------------------

CREATE TABLE escalate.digest (
    agency escalate.text_c REFERENCES escalate.agency (key),
    id bigint,
    day escalate.day NOT NULL,
    run integer NOT NULL,
    reader escalate.text_c NOT NULL,
    message escalate.text_c NOT NULL,
    since escalate.instant NOT NULL,
    recorded_at escalate.instant NOT NULL,
    claimed_at escalate.instant,
    told_to escalate.instant,
    sent_at escalate.instant,
    PRIMARY KEY (agency, id),
    UNIQUE (agency, day, run, reader)
);
CREATE INDEX digest_reader ON escalate.digest (agency, reader, day);
CREATE TABLE escalate.setting_used (
    agency escalate.text_c REFERENCES escalate.agency (key),
    by escalate.text_c,
    name escalate.text_c,
    since escalate.instant,
    value escalate.text_c NOT NULL,
    PRIMARY KEY (agency, by, name, since)
);

INSERT INTO escalate.agency (key, name, prefix) VALUES ('*', 'the business unit', 'E');
INSERT INTO escalate.reference (prefix) VALUES ('E');

-- What is recorded is only ever added to, by whomever, the owner included ----------------------------------------------------------------

CREATE FUNCTION escalate.is_only_added_to() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'ES004', MESSAGE = 'The table ' || TG_TABLE_NAME || ' is only added to: ' || TG_OP || ' is refused.';
END $$;

DO $$
DECLARE
    each record;
BEGIN
    FOR each IN
        SELECT * FROM (VALUES
            ('entry', 'entry_comes_next', 'n', 'true'),
            ('entry', 'entry_comes_next_in_its_case', 'seq', 'o.case_ref = NEW.case_ref'),
            ('link', 'link_comes_next', 'n', 'true'),
            ('edition', 'edition_comes_next', 'id', 'true'),
            ('calendar_version', 'calendar_version_comes_next', 'version', 'o.calendar = NEW.calendar'),
            ('agency_link', 'agency_link_comes_next', 'n', 'o.agency = NEW.agency')
        ) AS numbered (named, guard, key, series)
    LOOP
        EXECUTE format(
            'CREATE FUNCTION escalate.%2$s() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $f$
            BEGIN
                IF NEW.%3$s IS DISTINCT FROM coalesce((SELECT o.%3$s FROM escalate.%1$s o WHERE %4$s AND o.%3$s >= NEW.%3$s - 1 ORDER BY o.%3$s DESC LIMIT 1), 0) + 1 THEN
                    RAISE EXCEPTION USING ERRCODE = ''ES004'', MESSAGE = ''A row of %1$s is only added at the end.'';
                END IF;
                RETURN NEW;
            END $f$', each.named, each.guard, each.key, each.series
        );
        EXECUTE format('CREATE TRIGGER %2$s BEFORE INSERT ON escalate.%1$s FOR EACH ROW EXECUTE FUNCTION escalate.%2$s()', each.named, each.guard);
    END LOOP;
END $$;

DO $$
DECLARE
    named text;
BEGIN
    FOREACH named IN ARRAY ARRAY['entry', 'link', 'edition', 'calendar_version', 'agency_link'] LOOP
        EXECUTE format('CREATE TRIGGER %1$s_is_only_added_to BEFORE UPDATE OR DELETE ON escalate.%1$s FOR EACH ROW EXECUTE FUNCTION escalate.is_only_added_to()', named);
        EXECUTE format('CREATE TRIGGER %1$s_is_left_as_it_is BEFORE UPDATE OR DELETE OR TRUNCATE ON escalate.%1$s FOR EACH STATEMENT EXECUTE FUNCTION escalate.is_only_added_to()', named);
        EXECUTE format('ALTER TABLE escalate.%1$s ENABLE ALWAYS TRIGGER %1$s_is_only_added_to', named);
        EXECUTE format('ALTER TABLE escalate.%1$s ENABLE ALWAYS TRIGGER %1$s_is_left_as_it_is', named);
    END LOOP;
END $$;
CREATE TRIGGER words_are_never_changed BEFORE UPDATE ON escalate.words FOR EACH ROW EXECUTE FUNCTION escalate.is_only_added_to();
CREATE TRIGGER words_are_left_as_they_are BEFORE UPDATE OR TRUNCATE ON escalate.words FOR EACH STATEMENT EXECUTE FUNCTION escalate.is_only_added_to();
ALTER TABLE escalate.words ENABLE ALWAYS TRIGGER words_are_never_changed;
ALTER TABLE escalate.words ENABLE ALWAYS TRIGGER words_are_left_as_they_are;

RESET ROLE;
