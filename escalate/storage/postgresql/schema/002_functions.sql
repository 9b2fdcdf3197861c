-- Everything that is written is written by these functions, each with one jsonb argument. They run as the owner, with a search path of
-- their own, and go by `session_user`: no setting and no SET ROLE changes who asks.
--
-- What they raise:  ES001 refused; ES002 somebody recorded in meanwhile: read again; ES003 what was taken over is not whole;
--                   ES004 something that is only added to would be changed.
-- A refusal is the same, word for word, for a case that is another agency's and for one that is not there.

SET LOCAL ROLE escalate_owner;

-- Hashes, byte for byte as storage/chain.py makes them ------------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION escalate.quoted(said text) RETURNS text LANGUAGE sql STABLE
AS $$ SELECT coalesce(pg_catalog.to_json(said)::text, 'null') $$;

CREATE OR REPLACE FUNCTION escalate.hash_of(said text) RETURNS text LANGUAGE sql STABLE
AS $$ SELECT pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(said, 'UTF8')), 'hex') $$;

CREATE OR REPLACE FUNCTION escalate.listed(VARIADIC items text[]) RETURNS text LANGUAGE sql STABLE
-- A list of values that are JSON already.
AS $$ SELECT '[' || pg_catalog.array_to_string(items, ',') || ']' $$;

CREATE OR REPLACE FUNCTION escalate.link_hash(before text, n bigint, what text, ref text, digest text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT escalate.hash_of(escalate.listed(escalate.quoted(before), n::text, escalate.quoted(what), escalate.quoted(ref), escalate.quoted(digest)))
$$;

CREATE OR REPLACE FUNCTION escalate.agency_link_hash(before text, n bigint, case_ref text, seq integer, digest text) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT escalate.hash_of(escalate.listed(escalate.quoted(before), n::text, escalate.quoted(case_ref), seq::text, escalate.quoted(digest)))
$$;

CREATE OR REPLACE FUNCTION escalate.entry_digest(e escalate.entry) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT escalate.hash_of(escalate.listed(
        e.n::text, escalate.quoted(e.case_ref), e.seq::text, escalate.quoted(e.kind), escalate.quoted(e.at), escalate.quoted(e.recorded_at),
        escalate.quoted(e.by), escalate.quoted(e.data), escalate.quoted(e.commitments)
    ))
$$;

CREATE OR REPLACE FUNCTION escalate.agency_digest(e escalate.entry) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT escalate.hash_of(escalate.listed(
        escalate.quoted(e.case_ref), e.seq::text, escalate.quoted(e.kind), escalate.quoted(e.at), escalate.quoted(e.recorded_at),
        escalate.quoted(e.by), escalate.quoted(e.data), escalate.quoted(e.commitments)
    ))
$$;

CREATE OR REPLACE FUNCTION escalate.look_digest(l escalate.look) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT escalate.hash_of(escalate.listed(
        escalate.quoted(l.agency), l.id::text, escalate.quoted(l.at), escalate.quoted(l.by), escalate.quoted(l.login),
        escalate.quoted(l.command), escalate.quoted(l.cases), escalate.quoted(l.data), escalate.quoted(l.commitments)
    ))
$$;

CREATE OR REPLACE FUNCTION escalate.edition_digest(e escalate.edition) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT escalate.hash_of('[' || array_to_string(ARRAY[
        e.id::text, escalate.quoted(e.protocol), escalate.quoted(e.dated), escalate.quoted(e.digest), escalate.quoted(e.text),
        escalate.quoted(e.bases), escalate.quoted(e.recorded_at), CASE WHEN e.clock IS NOT NULL THEN escalate.quoted(e.clock) END
    ], ',') || ']')
$$;

CREATE OR REPLACE FUNCTION escalate.days_of(of_calendar text, begun integer, ended integer, with_words boolean) RETURNS text LANGUAGE sql STABLE
-- The days off that began, or ended, with a version, as its digest has them; closures without or with their words.
AS $$
    SELECT '[' || coalesce(string_agg(escalate.listed(escalate.quoted(d.day), escalate.quoted(d.kind), escalate.quoted(
        CASE WHEN with_words AND d.name = '' THEN coalesce((
            SELECT w.content FROM escalate.calendar_words w WHERE w.calendar = d.calendar AND w.version = d.since AND w.field IN (d.day, 'why')
            ORDER BY w.field = 'why' LIMIT 1
        ), '') ELSE d.name END
    ), d.since::text), ',' ORDER BY d.day, d.kind, d.since), '') || ']'
    FROM escalate.day_off d WHERE d.calendar = of_calendar AND (d.since = begun OR d.until = ended)
$$;

CREATE OR REPLACE FUNCTION escalate.version_digest(v escalate.calendar_version) RETURNS text LANGUAGE sql STABLE
-- What is the digest of a version that commits to its words.
AS $$
    SELECT escalate.hash_of(escalate.listed(
        escalate.quoted(v.calendar), v.version::text, escalate.quoted(v.made_at), escalate.quoted(v.by), escalate.quoted(v.why),
        escalate.quoted(v.opens), escalate.quoted(v.closes), escalate.quoted(v.first), escalate.quoted(v.last),
        escalate.quoted(v.published_to), escalate.quoted(v.authority_from), escalate.quoted(v.authority_to), escalate.quoted(v.source),
        escalate.quoted((SELECT c.own FROM escalate.calendar c WHERE c.name = v.calendar)),
        escalate.quoted(v.commitments), escalate.quoted(v.clock),
        escalate.days_of(v.calendar, v.version, NULL, false), escalate.days_of(v.calendar, NULL, v.version, false)
    ))
$$;

CREATE OR REPLACE FUNCTION escalate.version_digest_at_first(v escalate.calendar_version) RETURNS text LANGUAGE sql STABLE
-- What is the digest of a version that commits to no words: over all, with the words in their places.
AS $$
    SELECT escalate.hash_of(escalate.listed(
        escalate.quoted(v.calendar), v.version::text, escalate.quoted(v.made_at), escalate.quoted(v.by), escalate.quoted(coalesce((
            SELECT w.content FROM escalate.calendar_words w WHERE w.calendar = v.calendar AND w.version = v.version AND w.field = 'why'
        ), '')),
        escalate.quoted(v.opens), escalate.quoted(v.closes), escalate.quoted(v.first), escalate.quoted(v.last),
        escalate.quoted(v.published_to), escalate.quoted(v.authority_from), escalate.quoted(v.authority_to), escalate.quoted(v.source),
        escalate.quoted((SELECT c.own FROM escalate.calendar c WHERE c.name = v.calendar)),
        escalate.days_of(v.calendar, v.version, NULL, true), escalate.days_of(v.calendar, NULL, v.version, true)
    ))
$$;

CREATE OR REPLACE FUNCTION escalate.calendar_digest(v escalate.calendar_version) RETURNS text LANGUAGE plpgsql STABLE
-- As storage/reasons.py: of a version that commits to its words, over what is beside them; of an older one over all, or, where words of it were erased,
-- that of its link if the rest is as the record of that says.
AS $$
DECLARE
    again jsonb;
    rest escalate.calendar_version := v;
BEGIN
    IF v.commitments IS NOT NULL THEN
        RETURN escalate.version_digest(v);
    END IF;
    SELECT l.data::jsonb -> 'resealed' -> (v.calendar || '@' || v.version) INTO again FROM escalate.look l
    WHERE l.command = 'erase' AND l.data::jsonb -> 'resealed' ? (v.calendar || '@' || v.version) ORDER BY l.agency, l.id LIMIT 1;
    IF again IS NOT NULL THEN
        rest.commitments := again ->> 'commitments';
        IF escalate.version_digest(rest) IS DISTINCT FROM again ->> 'digest' THEN
            RETURN escalate.version_digest(rest);
        END IF;
        RETURN (SELECT l.digest FROM escalate.link l WHERE l.what = 'calendar' AND l.ref = v.calendar || '@' || v.version);
    END IF;
    RETURN escalate.version_digest_at_first(v);
END $$;

CREATE OR REPLACE FUNCTION escalate.edition_text_digest(said text, bases text) RETURNS text LANGUAGE sql STABLE
-- As storage/files/protocols.py: the text and those it extends, with a NUL between them.
AS $$
    SELECT encode(sha256(
        convert_to(said, 'UTF8') || coalesce((
            SELECT string_agg('\x00'::bytea || convert_to(b.value, 'UTF8'), ''::bytea ORDER BY b.ordinality)
            FROM jsonb_array_elements_text(bases::jsonb) WITH ORDINALITY b
        ), ''::bytea)
    ), 'hex')
$$;

-- Who asks, and what that login may do -----------------------------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION escalate.me() RETURNS text LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
-- The agency that the login belongs to by its key; '*' for the unit, '' for nobody.
AS $$
BEGIN
    RETURN (SELECT coalesce((SELECT m.agency FROM escalate.membership m WHERE m.login = session_user), ''));
END $$;

CREATE OR REPLACE FUNCTION escalate.is_unit() RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN escalate.me() = '*' OR pg_has_role(session_user, 'escalate_owner', 'MEMBER');
END $$;

CREATE OR REPLACE FUNCTION escalate.my_agency(OUT key text, OUT name text, OUT prefix text) LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
-- The agency of the login: its key, its name and the letters its references begin with. NULLs for nobody.
AS $$ SELECT a.key, a.name, a.prefix FROM escalate.agency a WHERE a.key = escalate.me() $$;

CREATE OR REPLACE FUNCTION escalate.refuse(sentence text, code text DEFAULT 'ES001') RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = code, MESSAGE = sentence;
END $$;

CREATE OR REPLACE FUNCTION escalate.no_case(ref text) RETURNS void LANGUAGE sql
AS $$ SELECT escalate.refuse('There is no case ' || coalesce(left(ref, 40), '') || '.') $$;

CREATE OR REPLACE FUNCTION escalate.whose() RETURNS text LANGUAGE plpgsql STABLE
-- The key of the agency for which something is written. Refused for nobody.
AS $$
DECLARE
    asking text := escalate.me();
BEGIN
    IF asking <> '*' AND pg_has_role(session_user, 'escalate_owner', 'MEMBER') THEN
        asking := '*';
    ELSIF asking = '' THEN
        PERFORM escalate.refuse('This login belongs to no agency.');
    END IF;
    RETURN asking;
END $$;

CREATE OR REPLACE FUNCTION escalate.unit_only(what text) RETURNS void LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF NOT escalate.is_unit() THEN
        PERFORM escalate.refuse('Only the business unit ' || what || '.');
    END IF;
END $$;

CREATE OR REPLACE FUNCTION escalate.hold() RETURNS escalate.counter LANGUAGE plpgsql
-- The one row that all who write lock first, as it is once it is ours.
AS $$
DECLARE
    held escalate.counter;
BEGIN
    PERFORM escalate.whose();
    SELECT * INTO held FROM escalate.counter FOR UPDATE;
    IF EXISTS (SELECT FROM escalate.kept WHERE name = 'taking over') THEN
        PERFORM escalate.refuse('A file is being taken over.');
    END IF;
    RETURN held;
END $$;

CREATE OR REPLACE FUNCTION escalate.agency_key(said text) RETURNS text LANGUAGE sql STABLE
AS $$ SELECT lower(regexp_replace(btrim(said, E' \t\n\r'), '\s+', ' ', 'g') COLLATE {letters}) $$;

CREATE OR REPLACE FUNCTION escalate.parties_named(raising text, receiving text) RETURNS text[] LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT array_agg(a.key::text ORDER BY a.key) FROM escalate.agency a
        WHERE a.key IN (escalate.agency_key(raising), escalate.agency_key(receiving), '*')
    );
END $$;

CREATE OR REPLACE FUNCTION escalate.must_see(ref text) RETURNS void LANGUAGE plpgsql STABLE
-- Refused, in the same words, for a case that is not there and one that is another's.
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM escalate.party p WHERE p.agency = escalate.whose() AND p.case_ref = ref) THEN
        PERFORM escalate.no_case(ref);
    END IF;
END $$;

-- The beginning of every writing transaction ----------------------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION escalate.begin_writing() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM escalate.hold();
END $$;

CREATE OR REPLACE FUNCTION escalate.is_known(request uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
-- Whether a request of this login was carried out, by another transaction than this one.
AS $$
    SELECT EXISTS (
        SELECT FROM escalate.request r
        WHERE r.id = request AND r.login = session_user AND r.transaction IS DISTINCT FROM pg_current_xact_id_if_assigned()
    )
$$;

CREATE OR REPLACE FUNCTION escalate.next_reference(agency text, OUT prefix text, OUT number bigint) LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
-- The prefix and the number of the next case. It takes none away: recording the opening does, so that there is never a gap, and refuses
-- a number that somebody else took meanwhile. A login of an agency has its agency's prefix, whoever raised the case: another's numbers are not its affair.
AS $$
DECLARE
    asking text := escalate.whose();
BEGIN
    SELECT a.prefix, r.last + 1 INTO prefix, number
    FROM escalate.agency a JOIN escalate.reference r ON r.prefix = a.prefix
    WHERE a.key IN (asking, CASE WHEN asking = '*' THEN escalate.agency_key(agency) END)
    ORDER BY a.key = '*' LIMIT 1;
END $$;

-- Recording -------------------------------------------------------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION escalate.random_id() RETURNS bigint LANGUAGE plpgsql
-- An id that no entry has, of 52 bits, which every reader of JSON can hold. Not `random()`: a session can set its seed.
AS $$
DECLARE
    drawn text;
    found_id bigint;
BEGIN
    LOOP
        drawn := replace(gen_random_uuid()::text, '-', '');
        found_id := ('x' || left(drawn, 12) || right(drawn, 1))::bit(52)::bigint;
        CONTINUE WHEN found_id = 0 OR EXISTS (SELECT FROM escalate.entry WHERE id = found_id);
        RETURN found_id;
    END LOOP;
END $$;

CREATE OR REPLACE FUNCTION escalate.file_name() RETURNS text LANGUAGE plpgsql STABLE
AS $$
BEGIN
    RETURN (SELECT coalesce((SELECT value FROM escalate.kept WHERE name = 'file'), ''));
END $$;

CREATE OR REPLACE FUNCTION escalate.sealed(last escalate.counter, what text, ref text, digest text) RETURNS escalate.counter LANGUAGE plpgsql
-- Adds a link to the chain over everything, and returns the counter as it is then. Whoever calls writes that down, once for all links.
AS $$
BEGIN
    last.link_n := last.link_n + 1;
    last.link_hash := escalate.link_hash(last.link_hash, last.link_n, what, ref, digest);
    INSERT INTO escalate.link (n, what, ref, digest, hash) VALUES (last.link_n, what, ref, digest, last.link_hash);
    RETURN last;
END $$;

CREATE OR REPLACE FUNCTION escalate.put(last escalate.counter) RETURNS void LANGUAGE plpgsql
-- Writes the counter down.
AS $$
BEGIN
    UPDATE escalate.counter c SET entry_n = last.entry_n, link_n = last.link_n, link_hash = last.link_hash, case_number = last.case_number;
END $$;

CREATE OR REPLACE FUNCTION escalate.seal_for(agencies text[], e escalate.entry) RETURNS void LANGUAGE plpgsql
-- Adds a link to the chain of each of these agencies that has none for the entry.
AS $$
DECLARE
    of_entry text := escalate.agency_digest(e);
    name text := escalate.file_name();
BEGIN
    INSERT INTO escalate.agency_link (agency, n, case_ref, seq, digest, hash)
    SELECT a, l.n + 1, e.case_ref, e.seq, of_entry, escalate.agency_link_hash(l.hash, l.n + 1, e.case_ref, e.seq, of_entry)
    FROM unnest(agencies) a, LATERAL (
        (SELECT o.n, o.hash::text FROM escalate.agency_link o WHERE o.agency = a ORDER BY o.n DESC LIMIT 1)
        UNION ALL SELECT 0, escalate.hash_of(name || '/' || a) LIMIT 1
    ) l (n, hash)
    WHERE NOT EXISTS (SELECT FROM escalate.agency_link o WHERE o.agency = a AND o.case_ref = e.case_ref AND o.seq = e.seq);
END $$;

CREATE OR REPLACE FUNCTION escalate.seal_looks(of_agency text) RETURNS void LANGUAGE plpgsql
-- Adds a link to the chain of an agency for each of its looks at names that has none: of the case '@', by the number of the look.
AS $$
DECLARE
    l escalate.look;
    last bigint;
    before text;
    made text;
BEGIN
    IF of_agency = '*' THEN
        RETURN;
    END IF;
    SELECT o.n, o.hash INTO last, before FROM escalate.agency_link o WHERE o.agency = of_agency ORDER BY o.n DESC LIMIT 1;
    last := coalesce(last, 0);
    before := coalesce(before, escalate.hash_of(escalate.file_name() || '/' || of_agency));
    FOR l IN
        SELECT o.* FROM escalate.look o WHERE o.agency = of_agency AND NOT EXISTS (
            SELECT FROM escalate.agency_link k WHERE k.agency = of_agency AND k.case_ref = '@' AND k.seq = o.id
        ) ORDER BY o.id
    LOOP
        last := last + 1;
        made := escalate.look_digest(l);
        before := escalate.agency_link_hash(before, last, '@', l.id::integer, made);
        INSERT INTO escalate.agency_link (agency, n, case_ref, seq, digest, hash) VALUES (of_agency, last, '@', l.id, made, before);
    END LOOP;
END $$;

CREATE OR REPLACE FUNCTION escalate.admit(to_case text, admitted text[]) RETURNS void LANGUAGE plpgsql
-- Makes these agencies, and no others, those that see a case. Who leaves loses every row; who comes gets a link for each entry so far.
AS $$
DECLARE
    newcomer text;
    its jsonb;
    e escalate.entry;
    before text[] := ARRAY(SELECT p.agency::text FROM escalate.party p WHERE p.case_ref = to_case);
BEGIN
    IF before @> admitted AND before <@ admitted THEN
        RETURN;
    END IF;
    DELETE FROM escalate.told t USING escalate.party p
    WHERE p.case_ref = to_case AND p.agency <> ALL (admitted) AND t.agency = p.agency AND t.case_ref = to_case;
    DELETE FROM escalate.holder h USING escalate.party p
    WHERE p.case_ref = to_case AND p.agency <> ALL (admitted) AND h.agency = p.agency AND h.case_ref = to_case;
    DELETE FROM escalate.deadline d USING escalate.party p
    WHERE p.case_ref = to_case AND p.agency <> ALL (admitted) AND d.agency = p.agency AND d.case_ref = to_case;
    DELETE FROM escalate.cases c USING escalate.party p
    WHERE p.case_ref = to_case AND p.agency <> ALL (admitted) AND c.agency = p.agency AND c.ref = to_case;
    DELETE FROM escalate.search_index s USING escalate.party p
    WHERE p.case_ref = to_case AND p.agency <> ALL (admitted) AND s.agency = p.agency AND s.case_ref = to_case;
    DELETE FROM escalate.party p WHERE p.case_ref = to_case AND p.agency <> ALL (admitted);
    FOR newcomer IN
        SELECT a FROM unnest(admitted) a WHERE NOT EXISTS (SELECT FROM escalate.party p WHERE p.agency = a AND p.case_ref = to_case)
    LOOP
        INSERT INTO escalate.party (agency, case_ref) VALUES (newcomer, to_case);
        its := jsonb_build_object('agency', newcomer);
        INSERT INTO escalate.search_index (agency, case_ref, seq, field, kind, content, folded)
        SELECT newcomer, s.case_ref, s.seq, s.field, s.kind, s.content, s.folded
        FROM escalate.search_index s WHERE s.agency = '*' AND s.case_ref = to_case;
        IF newcomer <> '*' THEN
            INSERT INTO escalate.cases SELECT (jsonb_populate_record(c, its)).* FROM escalate.cases c WHERE c.agency = '*' AND c.ref = to_case;
            INSERT INTO escalate.deadline SELECT (jsonb_populate_record(d, its)).* FROM escalate.deadline d WHERE d.agency = '*' AND d.case_ref = to_case;
            INSERT INTO escalate.holder SELECT (jsonb_populate_record(h, its)).* FROM escalate.holder h WHERE h.agency = '*' AND h.case_ref = to_case;
            INSERT INTO escalate.told SELECT (jsonb_populate_record(t, its)).* FROM escalate.told t WHERE t.agency = '*' AND t.case_ref = to_case;
            FOR e IN SELECT * FROM escalate.entry WHERE case_ref = to_case ORDER BY seq LOOP
                PERFORM escalate.seal_for(ARRAY[newcomer], e);
            END LOOP;
        END IF;
    END LOOP;
END $$;

CREATE OR REPLACE FUNCTION escalate.spelt(prefix text, number bigint) RETURNS text LANGUAGE sql IMMUTABLE
-- NHS-0007, and NHS-12345: lpad alone would cut that. Of the unit E0007, as in a file.
AS $$ SELECT prefix || CASE WHEN prefix = 'E' THEN '' ELSE '-' END || CASE WHEN number < 1000 THEN pg_catalog.lpad(number::text, 4, '0') ELSE number::text END $$;

CREATE OR REPLACE FUNCTION escalate.may_open(ref text, data jsonb) RETURNS void LANGUAGE plpgsql
-- Refused unless the reference is the next of its prefix, and the login's agency raises or receives the case. Takes the number.
AS $$
DECLARE
    asking text := escalate.whose();
    of_prefix text := coalesce(substring(ref FROM '^([A-Z][A-Z0-9]*)-[0-9]{4,15}$'), substring(ref FROM '^(E)[0-9]{4,15}$'));
    number bigint := substring(ref FROM '[-E]([0-9]{4,15})$');
    taken bigint;
BEGIN
    SELECT r.last INTO taken FROM escalate.agency a JOIN escalate.reference r ON r.prefix = a.prefix
    WHERE a.prefix = of_prefix AND (asking = '*' OR a.key = asking);
    IF taken IS NULL OR number > taken + 1 OR ref <> escalate.spelt(of_prefix, number) THEN
        PERFORM escalate.refuse(coalesce(left(ref, 40), 'Nothing') || ' is not the next reference.');
    ELSIF number <= taken THEN
        PERFORM escalate.refuse(ref || ' was recorded in meanwhile.', 'ES002');
    ELSIF asking <> '*' AND asking IS DISTINCT FROM escalate.agency_key(data ->> 'raising_agency')
            AND asking IS DISTINCT FROM escalate.agency_key(data ->> 'receiving_agency') THEN
        PERFORM escalate.refuse('A case is opened by an agency that raises or receives it, or by the business unit.');
    END IF;
    UPDATE escalate.reference SET last = number WHERE prefix = of_prefix;
END $$;

CREATE OR REPLACE FUNCTION escalate.record(said jsonb) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan  -- its statements are small: a plan for each call costs more
-- {"request": uuid or null, "entries": [{ref, seq, kind, at, recorded_at, by, data, commitments,
--   words: [[kind, field, salt, content]], indexed: [[content, field, kind, folded]]}]}
-- Adds entries at the end, with words, links and rows of the index. False where the request was carried out before: nothing is added.
-- "versions": how many versions of calendars there were when it was decided on. Refused where there are more.
-- Without entries it only notes the request.
AS $$
DECLARE
    asking text := escalate.whose();
    request escalate.request;
    last escalate.counter := escalate.hold();
    each jsonb;
    e escalate.entry;
BEGIN
    IF said ->> 'request' IS NOT NULL THEN
        INSERT INTO escalate.request (id, login, at, transaction)
        VALUES ((said ->> 'request')::uuid, session_user, clock_timestamp(), pg_current_xact_id()) ON CONFLICT (id) DO NOTHING;
        SELECT * INTO request FROM escalate.request r WHERE r.id = (said ->> 'request')::uuid;
        IF request.login <> session_user THEN
            PERFORM escalate.refuse('This request cannot be carried out.');
        ELSIF request.transaction <> pg_current_xact_id() THEN
            RETURN false;
        END IF;
    END IF;
    IF (said ->> 'versions')::bigint <> (SELECT count(*) FROM escalate.calendar_version) THEN
        PERFORM escalate.refuse('A calendar was changed in meanwhile.', 'ES002');
    END IF;
    FOR each IN SELECT value FROM jsonb_array_elements(said -> 'entries') WITH ORDINALITY x ORDER BY x.ordinality LOOP
        last.entry_n := last.entry_n + 1;
        e.id := escalate.random_id();
        e.n := last.entry_n;
        e.case_ref := each ->> 'ref';
        e.seq := (each ->> 'seq')::integer;
        e.kind := each ->> 'kind';
        e.at := each ->> 'at';
        e.recorded_at := each ->> 'recorded_at';
        e.by := each ->> 'by';
        e.data := each ->> 'data';
        e.commitments := each ->> 'commitments';
        IF (e.kind = 'opened') IS DISTINCT FROM (e.seq = 1) THEN
            PERFORM escalate.refuse('A case begins with its opening, and has one.');
        ELSIF e.kind = 'erased' THEN
            PERFORM escalate.unit_only('erases what was said');
        END IF;
        IF e.seq = 1 AND NOT EXISTS (SELECT FROM escalate.party p WHERE p.agency = asking AND p.case_ref = e.case_ref) THEN
            PERFORM escalate.may_open(e.case_ref, e.data::jsonb);
        ELSE
            PERFORM escalate.must_see(e.case_ref);
            IF e.seq IS DISTINCT FROM (SELECT max(o.seq) + 1 FROM escalate.entry o WHERE o.case_ref = e.case_ref) THEN
                PERFORM escalate.refuse(e.case_ref || ' was recorded in meanwhile.', 'ES002');
            END IF;
        END IF;
        INSERT INTO escalate.entry VALUES (e.*);
        INSERT INTO escalate.recorded (entry_id, login, at) VALUES (e.id, session_user, clock_timestamp());
        PERFORM escalate.keep_words(e, each -> 'words');
        last := escalate.sealed(last, 'entry', e.n::text, escalate.entry_digest(e));
        IF e.seq = 1 THEN
            PERFORM escalate.admit(e.case_ref, escalate.parties_named(e.data::jsonb ->> 'raising_agency', e.data::jsonb ->> 'receiving_agency'));
        ELSE
            PERFORM escalate.seal_for(ARRAY(SELECT p.agency::text FROM escalate.party p WHERE p.case_ref = e.case_ref AND p.agency <> '*'), e);
        END IF;
        PERFORM escalate.index_entry(e.case_ref, e.seq, each -> 'indexed');
    END LOOP;
    IF e.id IS NOT NULL THEN
        PERFORM escalate.put(last);
    END IF;
    RETURN true;
END $$;

CREATE OR REPLACE FUNCTION escalate.keep_words(e escalate.entry, words jsonb) RETURNS void LANGUAGE plpgsql
-- Adds the words of an entry: those that it commits to, all of them, and no others.
AS $$
DECLARE
    wrong boolean;
BEGIN
    SELECT count(*) FILTER (
        WHERE w.value ->> 2 IS NULL OR w.value ->> 3 IS NULL
           OR encode(sha256(convert_to(w.value ->> 2, 'UTF8') || '\x00'::bytea || convert_to(w.value ->> 3, 'UTF8')), 'hex')
              IS DISTINCT FROM e.commitments::jsonb ->> (w.value ->> 1)
    ) > 0 OR count(*) <> (SELECT count(*) FROM jsonb_object_keys(e.commitments::jsonb)) INTO wrong
    FROM jsonb_array_elements(coalesce(words, '[]')) w;
    IF wrong THEN
        PERFORM escalate.refuse('The words of ' || e.case_ref || ' are not those that its entry commits to.');
    END IF;
    INSERT INTO escalate.words (entry_id, case_ref, kind, field, salt, content)
    SELECT e.id, e.case_ref, w.value ->> 0, w.value ->> 1, w.value ->> 2, w.value ->> 3 FROM jsonb_array_elements(coalesce(words, '[]')) w;
END $$;

CREATE OR REPLACE FUNCTION escalate.index_entry(of_case text, of_seq integer, items jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO escalate.search_index (agency, case_ref, seq, field, kind, content, folded)
    SELECT p.agency, of_case, of_seq, i.value ->> 1, i.value ->> 2, i.value ->> 0, i.value ->> 3
    FROM escalate.party p, jsonb_array_elements(coalesce(items, '[]')) i WHERE p.case_ref = of_case;
END $$;

-- What the history comes to -----------------------------------------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION escalate.is_named_in(of_case text, named text) RETURNS boolean LANGUAGE plpgsql STABLE
-- Whether an entry of a case names an agency as one of its sides, or no agency is meant.
AS $$
BEGIN
    RETURN (
        SELECT named IS NULL OR EXISTS (
            SELECT FROM escalate.entry e
            WHERE e.case_ref = of_case AND named IN (
                e.data::jsonb ->> 'raising_agency', e.data::jsonb ->> 'receiving_agency',
                e.data::jsonb -> 'particulars' ->> 'raising_agency', e.data::jsonb -> 'particulars' ->> 'receiving_agency'
            )
        )
    );
END $$;

CREATE OR REPLACE FUNCTION escalate.derive(said jsonb) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan  -- its statements are small: a plan for each call costs more
-- {"cases": [{ref, case: {the columns of cases, and edition_digest}, deadlines: [{n and the columns of deadline}],
--   holders: [[visit, n, side, seq, from_day, until_day]], told: [[field, seq]]}]}
-- Replaces every derived row of each case that is another now, for each agency that its row names. `seq`: the number of an entry in its case.
AS $$
DECLARE
    each jsonb;
    c escalate.cases;
    parties text[];
    given escalate.deadline[];
    holding escalate.holder[];
    telling escalate.told[];
    last escalate.counter := escalate.hold();
    before bigint := last.case_number;
BEGIN
    FOR each IN SELECT value FROM jsonb_array_elements(said -> 'cases') WITH ORDINALITY x ORDER BY x.ordinality LOOP
        PERFORM escalate.must_see_or_begin(each ->> 'ref');
        c := jsonb_populate_record(NULL::escalate.cases, (each -> 'case') - 'agency' - 'number' - 'edition_id' - 'ref');
        c.ref := each ->> 'ref';
        IF NOT escalate.is_named_in(c.ref, c.raising_agency) OR NOT escalate.is_named_in(c.ref, c.receiving_agency) THEN
            PERFORM escalate.refuse('No entry of ' || c.ref || ' names that agency.');
        END IF;
        SELECT id INTO c.edition_id FROM escalate.edition WHERE digest = each -> 'case' ->> 'edition_digest';
        IF c.edition_id IS NULL THEN
            PERFORM escalate.refuse('The edition of the protocol that ' || c.ref || ' is under is not kept.');
        END IF;
        parties := escalate.parties_named(c.raising_agency, c.receiving_agency);
        PERFORM escalate.admit(c.ref, parties);
        SELECT o.number INTO c.number FROM escalate.cases o WHERE o.agency = '*' AND o.ref = c.ref;
        IF c.number IS NULL THEN
            last.case_number := greatest(last.case_number + 1, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint);
            c.number := last.case_number;
        END IF;
        given := ARRAY(SELECT d FROM jsonb_populate_recordset(NULL::escalate.deadline, coalesce(each -> 'deadlines', '[]')) d);
        holding := ARRAY(
            SELECT ROW(NULL, c.ref, (h.value ->> 0)::integer, (h.value ->> 1)::integer, h.value ->> 2, e.id, h.value ->> 4, h.value ->> 5)::escalate.holder
            FROM jsonb_array_elements(coalesce(each -> 'holders', '[]')) h
            LEFT JOIN escalate.entry e ON e.case_ref = c.ref AND e.seq = (h.value ->> 3)::integer
        );
        telling := ARRAY(
            SELECT ROW(NULL, c.ref, t.value ->> 0, e.id)::escalate.told FROM jsonb_array_elements(coalesce(each -> 'told', '[]')) t
            LEFT JOIN escalate.entry e ON e.case_ref = c.ref AND e.seq = (t.value ->> 1)::integer
        );
        DELETE FROM escalate.told t WHERE t.agency = ANY (parties) AND t.case_ref = c.ref
            AND NOT EXISTS (SELECT FROM unnest(telling) g WHERE g.field = t.field AND g.entry_id = t.entry_id);
        DELETE FROM escalate.holder h WHERE h.agency = ANY (parties) AND h.case_ref = c.ref AND NOT EXISTS (
            SELECT FROM unnest(holding) g WHERE g.visit = h.visit AND g.n = h.n AND g.side = h.side AND g.entry_id = h.entry_id
                AND g.from_day IS NOT DISTINCT FROM h.from_day AND g.until_day IS NOT DISTINCT FROM h.until_day
        );
        DELETE FROM escalate.deadline d WHERE d.agency = ANY (parties) AND d.case_ref = c.ref AND NOT EXISTS (
            SELECT FROM unnest(given) g WHERE g.n = d.n AND (
                g.visit, g.route, g.stage, g.stage_name, g.action, g.action_name, g.owner, g.cite, g.target_at, g.due_at, g.act_by,
                g.outside_hours, g.provisional, g.waiting, g.agreed_until, g.met_at, g.ends_stage, g.is_standing, g.contacts, g.ahead_of,
                g.ahead_at, g.limit_at, g.occurrence, g.is_window, g.side, g.once_passed, g.then_owner, g.stopped_since, g.judged_until,
                g.call, g.agreement, g.ended_at, g.runs_from, g.ended_entry, g.unanswered, g.late_in,
                g.other_reading_at
            ) IS NOT DISTINCT FROM (
                d.visit, d.route, d.stage, d.stage_name, d.action, d.action_name, d.owner, d.cite, d.target_at, d.due_at, d.act_by,
                d.outside_hours, d.provisional, d.waiting, d.agreed_until, d.met_at, d.ends_stage, d.is_standing, d.contacts, d.ahead_of,
                d.ahead_at, d.limit_at, d.occurrence, d.is_window, d.side, d.once_passed, d.then_owner, d.stopped_since, d.judged_until,
                d.call, d.agreement, d.ended_at, d.runs_from, d.ended_entry, d.unanswered, d.late_in,
                d.other_reading_at
            )
        );
        INSERT INTO escalate.cases
        SELECT a, c.ref, c.number, c.protocol, c.edition, c.edition_id, c.calendar, c.route, c.stage, c.stage_name, c.status, c.subject,
            c.raising_agency, c.receiving_agency, c.concern_at, c.raised_at, c.entered_at, c.resolved_at, c.facts, c.involved, c.themes
        FROM unnest(parties) a
        ON CONFLICT (agency, ref) DO UPDATE SET
            (protocol, edition, edition_id, calendar, route, stage, stage_name, status, subject, raising_agency, receiving_agency,
             concern_at, raised_at, entered_at, resolved_at, facts, involved, themes)
            = (excluded.protocol, excluded.edition, excluded.edition_id, excluded.calendar, excluded.route, excluded.stage,
               excluded.stage_name, excluded.status, excluded.subject, excluded.raising_agency, excluded.receiving_agency,
               excluded.concern_at, excluded.raised_at, excluded.entered_at, excluded.resolved_at, excluded.facts, excluded.involved,
               excluded.themes)
        WHERE (cases.protocol, cases.edition, cases.edition_id, cases.calendar, cases.route, cases.stage, cases.stage_name, cases.status,
               cases.subject, cases.raising_agency, cases.receiving_agency, cases.concern_at, cases.raised_at, cases.entered_at,
               cases.resolved_at, cases.facts, cases.involved, cases.themes)
            IS DISTINCT FROM (excluded.protocol, excluded.edition, excluded.edition_id, excluded.calendar, excluded.route, excluded.stage,
               excluded.stage_name, excluded.status, excluded.subject, excluded.raising_agency, excluded.receiving_agency,
               excluded.concern_at, excluded.raised_at, excluded.entered_at, excluded.resolved_at, excluded.facts, excluded.involved,
               excluded.themes);
        INSERT INTO escalate.deadline (
            agency, case_ref, n, visit, route, stage, stage_name, action, action_name, owner, cite, target_at, due_at, act_by, outside_hours,
            provisional, waiting, agreed_until, met_at, ends_stage, is_standing, contacts, ahead_of, ahead_at, limit_at, occurrence, is_window,
            side, once_passed, then_owner, stopped_since, judged_until, call, agreement, ended_at, runs_from, ended_entry, unanswered, late_in,
            other_reading_at
        )
        SELECT a, c.ref, d.n, d.visit, d.route, d.stage, d.stage_name, d.action, d.action_name, d.owner, d.cite, d.target_at, d.due_at,
            d.act_by, d.outside_hours, d.provisional, d.waiting, d.agreed_until, d.met_at, d.ends_stage, d.is_standing, d.contacts, d.ahead_of,
            d.ahead_at, d.limit_at, d.occurrence, d.is_window, d.side, d.once_passed, d.then_owner, d.stopped_since, d.judged_until, d.call,
            d.agreement, d.ended_at, d.runs_from, d.ended_entry, d.unanswered, d.late_in, d.other_reading_at
        FROM unnest(given) d, unnest(parties) a ON CONFLICT DO NOTHING;
        INSERT INTO escalate.holder (agency, case_ref, visit, n, side, entry_id, from_day, until_day)
        SELECT a, h.case_ref, h.visit, h.n, h.side, h.entry_id, h.from_day, h.until_day FROM unnest(holding) h, unnest(parties) a ON CONFLICT DO NOTHING;
        INSERT INTO escalate.told (agency, case_ref, field, entry_id)
        SELECT a, t.case_ref, t.field, t.entry_id FROM unnest(telling) t, unnest(parties) a ON CONFLICT DO NOTHING;
    END LOOP;
    IF last.case_number IS DISTINCT FROM before THEN
        PERFORM escalate.put(last);
    END IF;
END $$;

CREATE OR REPLACE FUNCTION escalate.must_see_or_begin(ref text) RETURNS void LANGUAGE plpgsql
-- As must_see; of a case that was taken over, and nobody sees yet, the unit begins the rows.
AS $$
BEGIN
    IF escalate.is_unit() AND EXISTS (SELECT FROM escalate.entry e WHERE e.case_ref = ref) THEN
        RETURN;
    END IF;
    PERFORM escalate.must_see(ref);
END $$;

CREATE OR REPLACE FUNCTION escalate.erase(said jsonb) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
-- {"refs": [...]}: removes the words of cases, and their rows of the index.
AS $$
BEGIN
    PERFORM escalate.hold();
    PERFORM escalate.unit_only('erases what was said');
    DELETE FROM escalate.words WHERE case_ref IN (SELECT jsonb_array_elements_text(said -> 'refs'));
    DELETE FROM escalate.search_index s USING escalate.party p
    WHERE p.case_ref IN (SELECT jsonb_array_elements_text(said -> 'refs')) AND s.agency = p.agency AND s.case_ref = p.case_ref;
END $$;

CREATE OR REPLACE FUNCTION escalate.wipe(said jsonb) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
-- {}: makes the tables anew in which erased words still lie until then.
AS $$
BEGIN
    PERFORM escalate.hold();
    PERFORM escalate.unit_only('wipes what was erased');
    CLUSTER escalate.words USING words_pkey;
    CLUSTER escalate.search_index USING search_case;
    CLUSTER escalate.look_words USING look_words_pkey;
    CLUSTER escalate.calendar_words USING calendar_words_pkey;
END $$;

CREATE OR REPLACE FUNCTION escalate.reindex(said jsonb) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
-- {"cases": [{ref, entries: [{seq, indexed: [[content, field, kind, folded]]}]}]}: replaces the rows of the index of each case.
AS $$
DECLARE
    each jsonb;
    entry jsonb;
BEGIN
    PERFORM escalate.hold();
    PERFORM escalate.unit_only('makes the index anew');
    FOR each IN SELECT value FROM jsonb_array_elements(said -> 'cases') LOOP
        PERFORM escalate.must_see(each ->> 'ref');
        DELETE FROM escalate.search_index s USING escalate.party p
        WHERE p.case_ref = each ->> 'ref' AND s.agency = p.agency AND s.case_ref = p.case_ref;
        FOR entry IN SELECT value FROM jsonb_array_elements(each -> 'entries') LOOP
            PERFORM escalate.index_entry(each ->> 'ref', (entry ->> 'seq')::integer, entry -> 'indexed');
        END LOOP;
    END LOOP;
END $$;

-- Editions and calendars ---------------------------------------------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION escalate.add_edition(said jsonb) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
-- {protocol, dated, digest, text, bases, recorded_at, clock}. False where it is there. Its digest has to be that of its text.
AS $$
DECLARE
    e escalate.edition;
    last escalate.counter := escalate.hold();
BEGIN
    IF EXISTS (SELECT FROM escalate.edition WHERE digest = said ->> 'digest') THEN
        RETURN false;
    ELSIF said ->> 'digest' IS DISTINCT FROM escalate.edition_text_digest(said ->> 'text', said ->> 'bases') THEN
        PERFORM escalate.refuse('The digest of the edition is not that of its text.');
    END IF;
    SELECT coalesce(max(id), 0) + 1 INTO e.id FROM escalate.edition;
    e.protocol := said ->> 'protocol';
    e.dated := said ->> 'dated';
    e.digest := said ->> 'digest';
    e.text := said ->> 'text';
    e.bases := said ->> 'bases';
    e.recorded_at := said ->> 'recorded_at';
    e.clock := said ->> 'clock';
    INSERT INTO escalate.edition VALUES (e.*);
    PERFORM escalate.put(escalate.sealed(last, 'edition', e.id::text, escalate.edition_digest(e)));
    RETURN true;
END $$;

CREATE OR REPLACE FUNCTION escalate.add_calendar_version(said jsonb) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
-- {name, own (with version 1), the columns of the version but why, ended: [[kind, day]], added: [[kind, day, name]],
--  words: [[field, salt, content]]}: its words are those that it commits to, and stand nowhere else.
-- Everybody may add the first version of a calendar that is not there; only the unit changes one.
AS $$
DECLARE
    v escalate.calendar_version;
    newest integer;
    taken integer;
    wrong boolean;
    last escalate.counter := escalate.hold();
BEGIN
    v := jsonb_populate_record(NULL::escalate.calendar_version, said - 'calendar');
    v.calendar := said ->> 'name';
    v.why := '';
    SELECT max(o.version) INTO newest FROM escalate.calendar_version o WHERE o.calendar = v.calendar;
    IF v.version IS DISTINCT FROM 1 THEN
        PERFORM escalate.unit_only('changes a calendar');
    END IF;
    IF v.version IS DISTINCT FROM coalesce(newest, 0) + 1 THEN
        PERFORM escalate.refuse('The ' || v.calendar || ' calendar was changed in meanwhile.', 'ES002');
    ELSIF v.version = 1 THEN
        INSERT INTO escalate.calendar (name, own) VALUES (v.calendar, said ->> 'own');
    END IF;
    SELECT v.commitments IS NULL OR count(*) FILTER (
        WHERE w.value ->> 1 IS NULL OR w.value ->> 2 IS NULL
           OR encode(sha256(convert_to(w.value ->> 1, 'UTF8') || '\x00'::bytea || convert_to(w.value ->> 2, 'UTF8')), 'hex')
              IS DISTINCT FROM v.commitments::jsonb ->> (w.value ->> 0)
    ) > 0 OR count(*) <> (SELECT count(*) FROM jsonb_object_keys(v.commitments::jsonb))
        OR EXISTS (SELECT FROM jsonb_array_elements(coalesce(said -> 'added', '[]')) x WHERE x.value ->> 0 = 'closure' AND x.value ->> 2 <> '') INTO wrong
    FROM jsonb_array_elements(coalesce(said -> 'words', '[]')) w;
    IF wrong THEN
        PERFORM escalate.refuse('The words of this version of the ' || v.calendar || ' calendar are not those that it commits to.');
    END IF;
    INSERT INTO escalate.calendar_version VALUES (v.*);
    INSERT INTO escalate.calendar_words (calendar, version, field, salt, content)
    SELECT v.calendar, v.version, w.value ->> 0, w.value ->> 1, w.value ->> 2 FROM jsonb_array_elements(coalesce(said -> 'words', '[]')) w;
    UPDATE escalate.day_off d SET until = v.version
    FROM jsonb_array_elements(coalesce(said -> 'ended', '[]')) x
    WHERE d.calendar = v.calendar AND d.kind = x.value ->> 0 AND d.day = x.value ->> 1 AND d.until IS NULL;
    GET DIAGNOSTICS taken = ROW_COUNT;
    IF taken <> jsonb_array_length(coalesce(said -> 'ended', '[]')) THEN
        PERFORM escalate.refuse('The ' || v.calendar || ' calendar has no such day off to end.');
    END IF;
    INSERT INTO escalate.day_off (calendar, day, kind, since, name)
    SELECT v.calendar, x.value ->> 1, x.value ->> 0, v.version, x.value ->> 2 FROM jsonb_array_elements(coalesce(said -> 'added', '[]')) x;
    PERFORM escalate.put(escalate.sealed(last, 'calendar', v.calendar || '@' || v.version, escalate.calendar_digest(v)));
END $$;

CREATE OR REPLACE FUNCTION escalate.erase_reasons(said jsonb) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
-- {"keys": ["calendar@version"]}: removes the words of versions of calendars.
AS $$
BEGIN
    PERFORM escalate.hold();
    PERFORM escalate.unit_only('erases what was said');
    DELETE FROM escalate.calendar_words w WHERE w.calendar || '@' || w.version IN (SELECT jsonb_array_elements_text(said -> 'keys'));
END $$;

-- Looks at names --------------------------------------------------------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION escalate.look(said jsonb) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
-- {at, by, command, cases, data, commitments, words: [[field, salt, content]]}: records that this login looked at names of these cases.
AS $$
DECLARE
    l escalate.look;
    wrong boolean;
    last escalate.counter := escalate.hold();
BEGIN
    l.agency := escalate.whose();
    SELECT coalesce(max(o.id), 0) + 1 INTO l.id FROM escalate.look o WHERE o.agency = l.agency;
    l.at := said ->> 'at';
    l.by := said ->> 'by';
    l.login := session_user;
    l.command := said ->> 'command';
    l.cases := said ->> 'cases';
    l.data := said ->> 'data';
    l.commitments := said ->> 'commitments';
    l.logged_at := clock_timestamp();
    IF EXISTS (
        SELECT FROM jsonb_array_elements_text(l.cases::jsonb) c
        WHERE NOT EXISTS (SELECT FROM escalate.party p WHERE p.agency = l.agency AND p.case_ref = c.value)
    ) THEN
        PERFORM escalate.refuse('A look is recorded of cases that whoever looks can see.');
    ELSIF l.data::jsonb ?| ARRAY['erased', 'erased_reasons', 'resealed'] THEN
        PERFORM escalate.unit_only('erases what was said');
    END IF;
    SELECT count(*) FILTER (
        WHERE w.value ->> 1 IS NULL OR w.value ->> 2 IS NULL
           OR encode(sha256(convert_to(w.value ->> 1, 'UTF8') || '\x00'::bytea || convert_to(w.value ->> 2, 'UTF8')), 'hex')
              IS DISTINCT FROM l.commitments::jsonb ->> (w.value ->> 0)
    ) > 0 OR count(*) <> (SELECT count(*) FROM jsonb_object_keys(l.commitments::jsonb)) INTO wrong
    FROM jsonb_array_elements(coalesce(said -> 'words', '[]')) w;
    IF wrong THEN
        PERFORM escalate.refuse('The words of this look are not those that it commits to.');
    END IF;
    INSERT INTO escalate.look VALUES (l.*);
    INSERT INTO escalate.look_words (agency, look, field, salt, content)
    SELECT l.agency, l.id, w.value ->> 0, w.value ->> 1, w.value ->> 2 FROM jsonb_array_elements(coalesce(said -> 'words', '[]')) w;
    PERFORM escalate.put(escalate.sealed(last, 'look', l.agency || '@' || l.id, escalate.look_digest(l)));
    PERFORM escalate.seal_looks(l.agency);
END $$;

CREATE OR REPLACE FUNCTION escalate.erase_looks(said jsonb) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
-- {"keys": ["agency@id"]}: removes the words of looks.
AS $$
BEGIN
    PERFORM escalate.hold();
    PERFORM escalate.unit_only('erases what was said');
    DELETE FROM escalate.look_words w WHERE w.agency || '@' || w.look IN (SELECT jsonb_array_elements_text(said -> 'keys'));
END $$;

-- Digests, settings, facts ---------------------------------------------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION escalate.add_digests(said jsonb) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
-- {"digests": [{day, run, reader, message, since, recorded_at}]}
AS $$
BEGIN
    PERFORM escalate.hold();
    INSERT INTO escalate.digest (agency, id, day, run, reader, message, since, recorded_at)
    SELECT escalate.whose(), coalesce((SELECT max(o.id) FROM escalate.digest o WHERE o.agency = escalate.whose()), 0) + x.ordinality,
        x.value ->> 'day', (x.value ->> 'run')::integer, x.value ->> 'reader', x.value ->> 'message', x.value ->> 'since', x.value ->> 'recorded_at'
    FROM jsonb_array_elements(said -> 'digests') WITH ORDINALITY x
    ON CONFLICT (agency, day, run, reader) DO NOTHING;
END $$;

CREATE OR REPLACE FUNCTION escalate.claim_digest(said jsonb) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
-- {id, claimed_at, stale}: takes a message to send it; false where another run took it after `stale`, or it is sent.
AS $$
BEGIN
    PERFORM escalate.hold();
    UPDATE escalate.digest d SET claimed_at = said ->> 'claimed_at'
    WHERE d.agency = escalate.whose() AND d.id = (said ->> 'id')::bigint AND d.sent_at IS NULL
      AND (d.claimed_at IS NULL OR d.claimed_at <= said ->> 'stale');
    RETURN FOUND;
END $$;

CREATE OR REPLACE FUNCTION escalate.release_digest(said jsonb) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
-- {id}: gives a message that could not be sent back to the next run.
AS $$
BEGIN
    PERFORM escalate.hold();
    UPDATE escalate.digest d SET claimed_at = NULL WHERE d.agency = escalate.whose() AND d.id = (said ->> 'id')::bigint;
END $$;

CREATE OR REPLACE FUNCTION escalate.complete_digest(said jsonb) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
-- {id, sent_at, told_to}
AS $$
BEGIN
    PERFORM escalate.hold();
    UPDATE escalate.digest d SET sent_at = said ->> 'sent_at', told_to = said ->> 'told_to'
    WHERE d.agency = escalate.whose() AND d.id = (said ->> 'id')::bigint;
END $$;

CREATE OR REPLACE FUNCTION escalate.keep_setting(said jsonb) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
-- {by, name, since, value}
AS $$
BEGIN
    PERFORM escalate.hold();
    INSERT INTO escalate.setting_used (agency, by, name, since, value)
    VALUES (escalate.whose(), said ->> 'by', said ->> 'name', said ->> 'since', said ->> 'value')
    ON CONFLICT (agency, by, name, since) DO UPDATE SET value = excluded.value;
END $$;

CREATE OR REPLACE FUNCTION escalate.set_fact(said jsonb) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
-- {name, value}. What the chain begins with, and how far the tables are, stay as they are.
AS $$
BEGIN
    PERFORM escalate.hold();
    PERFORM escalate.unit_only('sets a fact of the whole');
    IF said ->> 'name' IN ('file', 'schema', 'taking over') THEN
        PERFORM escalate.refuse('"' || (said ->> 'name') || '" stays as it is.');
    END IF;
    INSERT INTO escalate.kept (name, value) VALUES (said ->> 'name', said ->> 'value') ON CONFLICT (name) DO UPDATE SET value = excluded.value;
END $$;

CREATE OR REPLACE FUNCTION escalate.drop_fact(said jsonb) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
-- {name}
AS $$
BEGIN
    PERFORM escalate.hold();
    PERFORM escalate.unit_only('sets a fact of the whole');
    IF said ->> 'name' IN ('file', 'schema', 'taking over') THEN
        PERFORM escalate.refuse('"' || (said ->> 'name') || '" stays as it is.');
    END IF;
    DELETE FROM escalate.kept WHERE name = said ->> 'name';
END $$;

-- A replica ---------------------------------------------------------------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION escalate.replica_age(OUT is_current boolean, OUT age interval) LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
-- Of a replica: whether it is connected and has all that it was sent, and how long ago the last change was made that it has.
AS $$
BEGIN
    is_current := NOT pg_is_in_recovery() OR (
        EXISTS (SELECT FROM pg_stat_get_wal_receiver() w WHERE w.pid IS NOT NULL)
        AND pg_last_wal_receive_lsn() IS NOT DISTINCT FROM pg_last_wal_replay_lsn()
    );
    age := clock_timestamp() - pg_last_xact_replay_timestamp();
END $$;

-- A whole file: taking it over, and giving it back ------------------------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION escalate.take_over(said jsonb) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
-- What is looked up is found in an index, though the tables were empty when the statements were first planned.
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
-- {kept: {name: value}, editions: [{id, ...}], calendars: [{name, own}], versions: [{calendar, version, ...}], days_off: [{calendar, ...}],
--  calendar_words: [{calendar, version, field, salt, content}],
--  entries: [{id, case_ref, seq, kind, at, recorded_at, by, data, commitments}], words: [{entry_id, case_ref, kind, field, salt, content}],
--  looks: [{agency, id, at, by, login, command, cases, data, commitments}], look_words: [{agency, look, field, salt, content}],
--  links: [{n, what, ref, digest, hash}], digests: [{id, ...}], settings: [{by, name, since, value}],
--  cases: [{ref, number, ...}], deadlines: [{case_ref, n, ...}], holders: [{case_ref, visit, n, side, entry_id, from_day, until_day}],
--  told: [{case_ref, field, entry_id}], index: [{content, case_ref, seq, field, kind, folded}]}, each optional, as on the file.
-- Several calls take one file over, in this order of its tables; `taken_over` ends it. Only while nothing was recorded here.
AS $$
BEGIN
    PERFORM escalate.unit_only('takes a file over');
    PERFORM FROM escalate.counter FOR UPDATE;
    IF NOT EXISTS (SELECT FROM escalate.kept WHERE name = 'taking over') THEN
        IF EXISTS (SELECT FROM escalate.link) OR EXISTS (SELECT FROM escalate.digest) OR EXISTS (SELECT FROM escalate.setting_used) THEN
            PERFORM escalate.refuse('Something was recorded here already: a file is taken over where there is nothing yet.');
        END IF;
        INSERT INTO escalate.kept (name, value) VALUES ('taking over', session_user);
    END IF;
    INSERT INTO escalate.kept (name, value)
    SELECT k.key, k.value FROM jsonb_each_text(coalesce(said -> 'kept', '{}')) k
    WHERE k.key IN ('file', 'last reference', 'agencies joined') OR k.key LIKE 'log %'
    ON CONFLICT (name) DO UPDATE SET value = excluded.value;
    INSERT INTO escalate.edition (id, protocol, dated, digest, text, recorded_at, bases, clock)
    SELECT x.id, x.protocol, x.dated, x.digest, x.text, x.recorded_at, x.bases, x.clock
    FROM jsonb_populate_recordset(NULL::escalate.edition, coalesce(said -> 'editions', '[]')) x ORDER BY x.id;
    INSERT INTO escalate.calendar (name, own)
    SELECT x.name, x.own FROM jsonb_populate_recordset(NULL::escalate.calendar, coalesce(said -> 'calendars', '[]')) x;
    INSERT INTO escalate.calendar_version
    SELECT x.* FROM jsonb_populate_recordset(NULL::escalate.calendar_version, coalesce(said -> 'versions', '[]')) x ORDER BY x.calendar, x.version;
    INSERT INTO escalate.day_off SELECT x.* FROM jsonb_populate_recordset(NULL::escalate.day_off, coalesce(said -> 'days_off', '[]')) x;
    INSERT INTO escalate.calendar_words
    SELECT x.* FROM jsonb_populate_recordset(NULL::escalate.calendar_words, coalesce(said -> 'calendar_words', '[]')) x;
    INSERT INTO escalate.entry (id, n, case_ref, seq, kind, at, recorded_at, by, data, commitments)
    SELECT escalate.random_id(), x.id, x.case_ref, x.seq, x.kind, x.at, x.recorded_at, x.by, x.data, x.commitments
    FROM jsonb_populate_recordset(NULL::escalate.entry, coalesce(said -> 'entries', '[]')) x ORDER BY x.id;
    INSERT INTO escalate.words (entry_id, case_ref, kind, field, salt, content)
    SELECT (SELECT e.id FROM escalate.entry e WHERE e.n = x.entry_id), x.case_ref, x.kind, x.field, x.salt, x.content
    FROM jsonb_populate_recordset(NULL::escalate.words, coalesce(said -> 'words', '[]')) x;
    INSERT INTO escalate.look (agency, id, at, by, login, command, cases, data, commitments)
    SELECT x.agency, x.id, x.at, x.by, x.login, x.command, x.cases, x.data, x.commitments
    FROM jsonb_populate_recordset(NULL::escalate.look, coalesce(said -> 'looks', '[]')) x ORDER BY x.agency, x.id;
    INSERT INTO escalate.look_words (agency, look, field, salt, content)
    SELECT x.agency, x.look, x.field, x.salt, x.content
    FROM jsonb_populate_recordset(NULL::escalate.look_words, coalesce(said -> 'look_words', '[]')) x;
    INSERT INTO escalate.link SELECT x.* FROM jsonb_populate_recordset(NULL::escalate.link, coalesce(said -> 'links', '[]')) x ORDER BY x.n;
    INSERT INTO escalate.digest (agency, id, day, run, reader, message, since, recorded_at, claimed_at, told_to, sent_at)
    SELECT '*', x.id, x.day, x.run, x.reader, x.message, x.since, x.recorded_at, x.claimed_at, x.told_to, x.sent_at
    FROM jsonb_populate_recordset(NULL::escalate.digest, coalesce(said -> 'digests', '[]')) x;
    INSERT INTO escalate.setting_used (agency, by, name, since, value)
    SELECT '*', x.by, x.name, x.since, x.value FROM jsonb_populate_recordset(NULL::escalate.setting_used, coalesce(said -> 'settings', '[]')) x;
    -- What the history comes to, for the unit; `taken_over` gives the agencies their copies.
    INSERT INTO escalate.party (agency, case_ref)
    SELECT '*', x.value ->> 'ref' FROM jsonb_array_elements(coalesce(said -> 'cases', '[]')) x;
    INSERT INTO escalate.cases
    SELECT x.* FROM jsonb_populate_recordset(
        jsonb_populate_record(NULL::escalate.cases, '{"agency": "*"}'), coalesce(said -> 'cases', '[]')) x;
    INSERT INTO escalate.deadline
    SELECT x.* FROM jsonb_populate_recordset(
        jsonb_populate_record(NULL::escalate.deadline, '{"agency": "*"}'), coalesce(said -> 'deadlines', '[]')) x;
    INSERT INTO escalate.holder (agency, case_ref, visit, n, side, entry_id, from_day, until_day)
    SELECT '*', x.case_ref, x.visit, x.n, x.side, (SELECT e.id FROM escalate.entry e WHERE e.n = x.entry_id), x.from_day, x.until_day
    FROM jsonb_populate_recordset(NULL::escalate.holder, coalesce(said -> 'holders', '[]')) x;
    INSERT INTO escalate.told (agency, case_ref, field, entry_id)
    SELECT '*', x.case_ref, x.field, (SELECT e.id FROM escalate.entry e WHERE e.n = x.entry_id)
    FROM jsonb_populate_recordset(NULL::escalate.told, coalesce(said -> 'told', '[]')) x;
    INSERT INTO escalate.search_index (agency, case_ref, seq, field, kind, content, folded)
    SELECT '*', x.case_ref, x.seq, x.field, x.kind, x.content, x.folded
    FROM jsonb_populate_recordset(NULL::escalate.search_index, coalesce(said -> 'index', '[]')) x;
END $$;

CREATE OR REPLACE FUNCTION escalate.not_whole() RETURNS SETOF text LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
-- A sentence for each thing that is not as the chain says it was recorded, as chain.broken has them.
AS $$
BEGIN
    PERFORM escalate.unit_only('reads the whole chain');
    RETURN QUERY
    WITH expected AS (
        SELECT l.*, row_number() OVER w AS should, lag(l.hash::text, 1, escalate.file_name()) OVER w AS before
        FROM escalate.link l WINDOW w AS (ORDER BY l.n)
    ), recorded AS (
        SELECT 'entry' AS what, e.n::text AS ref, escalate.entry_digest(e) AS digest FROM escalate.entry e
        UNION ALL SELECT 'edition', e.id::text, escalate.edition_digest(e) FROM escalate.edition e
        UNION ALL SELECT 'calendar', v.calendar || '@' || v.version, escalate.calendar_digest(v) FROM escalate.calendar_version v
        UNION ALL SELECT 'look', l.agency || '@' || l.id, escalate.look_digest(l) FROM escalate.look l
        UNION ALL SELECT 'calendar', d.calendar || '@' || s.version, NULL FROM escalate.day_off d, LATERAL (VALUES (d.since), (d.until)) s (version)
            WHERE s.version IS NOT NULL AND NOT EXISTS (SELECT FROM escalate.calendar_version v WHERE v.calendar = d.calendar AND v.version = s.version)
        UNION ALL SELECT 'calendar', c.name || '@1', NULL FROM escalate.calendar c
            WHERE NOT EXISTS (SELECT FROM escalate.calendar_version v WHERE v.calendar = c.name AND v.version = 1)
    ), sentences AS (
        SELECT x.n, 'a link before link ' || x.n || ' of the chain is missing' AS said FROM expected x WHERE x.n <> x.should
        UNION ALL SELECT x.n, 'link ' || x.n || ' of the chain (' || x.what || ' ' || x.ref || ') does not follow from the one before it'
            FROM expected x WHERE x.hash <> escalate.link_hash(x.before, x.n, x.what, x.ref, x.digest)
        UNION ALL SELECT x.n, x.what || ' ' || x.ref || ' is not what was recorded'
            FROM expected x LEFT JOIN recorded r USING (what, ref) WHERE x.digest IS DISTINCT FROM r.digest
        UNION ALL SELECT NULL, r.what || ' ' || r.ref || ' was added past the chain'
            FROM recorded r LEFT JOIN escalate.link l USING (what, ref) WHERE l.n IS NULL
    )
    SELECT s.said FROM sentences s ORDER BY s.n NULLS LAST;
END $$;

CREATE OR REPLACE FUNCTION escalate.taken_over() RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
-- Ends the taking over, if the chain is whole: 'ES003' with the first fault where it is not. Returns the head.
-- Every agency that is here already gets to see the cases that name it.
AS $$
DECLARE
    fault text;
    last escalate.link;
    newcomer text;
BEGIN
    PERFORM escalate.unit_only('takes a file over');
    PERFORM FROM escalate.counter FOR UPDATE;
    IF NOT EXISTS (SELECT FROM escalate.kept WHERE name = 'taking over') THEN
        PERFORM escalate.refuse('No file is being taken over.');
    END IF;
    SELECT f INTO fault FROM escalate.not_whole() f LIMIT 1;
    IF fault IS NOT NULL THEN
        PERFORM escalate.refuse('What was taken over is not whole: ' || fault || '.', 'ES003');
    END IF;
    SELECT * INTO last FROM escalate.link ORDER BY n DESC LIMIT 1;
    UPDATE escalate.counter SET entry_n = (SELECT coalesce(max(n), 0) FROM escalate.entry), link_n = coalesce(last.n, 0),
        link_hash = coalesce(last.hash, escalate.file_name()), case_number = (SELECT coalesce(max(number), 0) FROM escalate.cases WHERE agency = '*');
    UPDATE escalate.reference r SET last = greatest(
        r.last, escalate.last_reference(r.prefix),
        CASE WHEN r.prefix = 'E' THEN (SELECT k.value::bigint FROM escalate.kept k WHERE k.name = 'last reference') END
    );
    FOR newcomer IN SELECT a.key FROM escalate.agency a WHERE a.key <> '*' ORDER BY a.key LOOP
        PERFORM escalate.admit_everywhere(newcomer);
        PERFORM escalate.seal_looks(newcomer);
    END LOOP;
    DELETE FROM escalate.kept WHERE name IN ('taking over', 'last reference');
    -- All of it is read next, and by a plan for so many rows.
    ANALYZE escalate.party, escalate.entry, escalate.words, escalate.link, escalate.cases, escalate.deadline, escalate.holder, escalate.told,
        escalate.search_index, escalate.agency_link;
    RETURN coalesce(last.n, 0) || ':' || coalesce(last.hash, escalate.file_name());
END $$;

CREATE OR REPLACE FUNCTION escalate.last_reference(of_prefix text) RETURNS bigint LANGUAGE sql STABLE
-- The last number that a case has of those whose references begin with a prefix; 0 where there is none.
AS $$
    SELECT coalesce(max(substring(p.case_ref FROM '[-E]([0-9]{4,15})$')::bigint), 0) FROM escalate.party p
    WHERE p.agency = '*' AND p.case_ref ~ ('^' || of_prefix || CASE WHEN of_prefix = 'E' THEN '' ELSE '-' END || '[0-9]{4,15}$')
$$;

CREATE OR REPLACE FUNCTION escalate.admit_everywhere(newcomer text) RETURNS void LANGUAGE plpgsql
-- Lets an agency that sees no case yet see all whose newest row names it: as `admit` does, and in a few statements however many there are.
AS $$
DECLARE
    before text := escalate.hash_of(escalate.file_name() || '/' || newcomer);
    made bigint := 0;
    e escalate.entry;
    digest text;
BEGIN
    IF newcomer = '*' OR EXISTS (SELECT FROM escalate.party p WHERE p.agency = newcomer) THEN
        PERFORM escalate.refuse('This agency sees cases already.');
    END IF;
    WITH named AS MATERIALIZED (
        SELECT said FROM (
            SELECT c.raising_agency AS said FROM escalate.cases c WHERE c.agency = '*'
            UNION SELECT c.receiving_agency FROM escalate.cases c WHERE c.agency = '*'
        ) each WHERE escalate.agency_key(said) = newcomer
    )
    INSERT INTO escalate.party (agency, case_ref)
    SELECT newcomer, c.ref FROM escalate.cases c
    WHERE c.agency = '*' AND (c.raising_agency IN (SELECT said FROM named) OR c.receiving_agency IN (SELECT said FROM named));
    IF NOT FOUND THEN
        RETURN;
    END IF;
    INSERT INTO escalate.cases SELECT newcomer, o.ref, o.number, o.protocol, o.edition, o.edition_id, o.calendar, o.route, o.stage,
        o.stage_name, o.status, o.subject, o.raising_agency, o.receiving_agency, o.concern_at, o.raised_at, o.entered_at, o.resolved_at,
        o.facts, o.involved, o.themes
    FROM escalate.cases o JOIN escalate.party p ON p.agency = newcomer AND p.case_ref = o.ref WHERE o.agency = '*';
    INSERT INTO escalate.deadline SELECT newcomer, o.case_ref, o.n, o.visit, o.route, o.stage, o.stage_name, o.action, o.action_name,
        o.owner, o.cite, o.target_at, o.due_at, o.act_by, o.outside_hours, o.provisional, o.waiting, o.agreed_until, o.met_at, o.ends_stage,
        o.is_standing, o.contacts, o.ahead_of, o.ahead_at, o.limit_at, o.occurrence, o.is_window, o.side, o.once_passed, o.then_owner,
        o.stopped_since, o.judged_until, o.call, o.agreement, o.ended_at, o.runs_from, o.ended_entry, o.unanswered, o.late_in,
        o.other_reading_at
    FROM escalate.deadline o JOIN escalate.party p ON p.agency = newcomer AND p.case_ref = o.case_ref WHERE o.agency = '*';
    INSERT INTO escalate.holder (agency, case_ref, visit, n, side, entry_id, from_day, until_day)
    SELECT newcomer, o.case_ref, o.visit, o.n, o.side, o.entry_id, o.from_day, o.until_day
    FROM escalate.holder o JOIN escalate.party p ON p.agency = newcomer AND p.case_ref = o.case_ref WHERE o.agency = '*';
    INSERT INTO escalate.told (agency, case_ref, field, entry_id) SELECT newcomer, o.case_ref, o.field, o.entry_id
    FROM escalate.told o JOIN escalate.party p ON p.agency = newcomer AND p.case_ref = o.case_ref WHERE o.agency = '*';
    INSERT INTO escalate.search_index (agency, case_ref, seq, field, kind, content, folded)
    SELECT newcomer, o.case_ref, o.seq, o.field, o.kind, o.content, o.folded
    FROM escalate.search_index o JOIN escalate.party p ON p.agency = newcomer AND p.case_ref = o.case_ref WHERE o.agency = '*';
    FOR e IN SELECT o.* FROM escalate.entry o JOIN escalate.party p ON p.agency = newcomer AND p.case_ref = o.case_ref ORDER BY o.n LOOP
        made := made + 1;
        digest := escalate.agency_digest(e);
        before := escalate.agency_link_hash(before, made, e.case_ref, e.seq, digest);
        INSERT INTO escalate.agency_link (agency, n, case_ref, seq, digest, hash) VALUES (newcomer, made, e.case_ref, e.seq, digest, before);
    END LOOP;
END $$;

CREATE OR REPLACE FUNCTION escalate.begin_agency(named text, of_prefix text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
-- Adds an agency, and lets it see every case that names it already; its references go on after those that were ever given. For the owner.
AS $$
DECLARE
    newcomer text := escalate.agency_key(named);
BEGIN
    PERFORM FROM escalate.counter FOR UPDATE;  -- so that nobody records for it meanwhile
    INSERT INTO escalate.agency (key, name, prefix) VALUES (newcomer, named, of_prefix);
    INSERT INTO escalate.reference (prefix, last) VALUES (of_prefix, escalate.last_reference(of_prefix));
    PERFORM escalate.admit_everywhere(newcomer);
    PERFORM escalate.seal_looks(newcomer);
END $$;

CREATE OR REPLACE FUNCTION escalate.chain_links(after bigint DEFAULT 0, most bigint DEFAULT NULL) RETURNS SETOF escalate.link
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
-- The links of the chain in their order, after one of them, so many at most.
AS $$
BEGIN
    PERFORM escalate.unit_only('reads the whole chain');
    RETURN QUERY SELECT * FROM escalate.link l WHERE l.n > after ORDER BY l.n LIMIT most;
END $$;

CREATE OR REPLACE FUNCTION escalate.chain_entries(after bigint DEFAULT 0, most bigint DEFAULT NULL) RETURNS TABLE (
    id bigint, case_ref text, seq integer, kind text, at text, recorded_at text, by text, data text, commitments text, row_id bigint
) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
-- The entries in the order of the chain: `id` is the number in it, as a file has it; `row_id` what people read here.
AS $$
BEGIN
    PERFORM escalate.unit_only('reads the whole chain');
    RETURN QUERY
    SELECT e.n, e.case_ref::text, e.seq, e.kind::text, e.at::text, e.recorded_at::text, e.by::text, e.data::text, e.commitments::text, e.id
    FROM escalate.entry e WHERE e.n > after ORDER BY e.n LIMIT most;
END $$;

CREATE OR REPLACE FUNCTION escalate.chain_entries_of(of_case text) RETURNS TABLE (
    id bigint, case_ref text, seq integer, kind text, at text, recorded_at text, by text, data text, commitments text
) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
-- The entries of a case: `id` is the number in the chain, as a file has it.
AS $$
BEGIN
    PERFORM escalate.unit_only('reads the whole chain');
    RETURN QUERY
    SELECT e.n, e.case_ref::text, e.seq, e.kind::text, e.at::text, e.recorded_at::text, e.by::text, e.data::text, e.commitments::text
    FROM escalate.entry e WHERE e.case_ref = of_case ORDER BY e.seq;
END $$;

CREATE OR REPLACE FUNCTION escalate.chain_words(after bigint DEFAULT 0, most bigint DEFAULT NULL) RETURNS TABLE (
    entry_id bigint, case_ref text, kind text, field text, salt text, content text
) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
-- The words of the entries after one number in the chain, of so many entries at most; `entry_id` is that number.
AS $$
BEGIN
    PERFORM escalate.unit_only('reads the whole chain');
    RETURN QUERY
    SELECT e.n, w.case_ref::text, w.kind::text, w.field::text, w.salt::text, w.content::text
    FROM escalate.entry e JOIN escalate.words w ON w.entry_id = e.id
    WHERE e.n > after AND (most IS NULL OR e.n <= after + most) ORDER BY e.n, w.field;
END $$;

CREATE OR REPLACE FUNCTION escalate.chain_holders() RETURNS TABLE (
    case_ref text, visit integer, n integer, side text, entry_id bigint, from_day text, until_day text
) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
-- Who holds each side; `entry_id` is the number in the chain.
AS $$
BEGIN
    PERFORM escalate.unit_only('reads the whole chain');
    RETURN QUERY
    SELECT h.case_ref::text, h.visit, h.n, h.side::text, e.n, h.from_day::text, h.until_day::text FROM escalate.holder h LEFT JOIN escalate.entry e ON e.id = h.entry_id
    WHERE h.agency = '*' ORDER BY h.case_ref, h.visit, h.n;
END $$;

CREATE OR REPLACE FUNCTION escalate.chain_told() RETURNS TABLE (case_ref text, field text, entry_id bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
-- Which words hold; `entry_id` is the number in the chain.
AS $$
BEGIN
    PERFORM escalate.unit_only('reads the whole chain');
    RETURN QUERY
    SELECT t.case_ref::text, t.field::text, e.n FROM escalate.told t LEFT JOIN escalate.entry e ON e.id = t.entry_id
    WHERE t.agency = '*' ORDER BY t.case_ref, t.field;
END $$;

CREATE OR REPLACE FUNCTION escalate.all_digests() RETURNS SETOF escalate.digest LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM escalate.unit_only('reads what every agency keeps');
    RETURN QUERY SELECT * FROM escalate.digest d ORDER BY d.agency, d.id;
END $$;

CREATE OR REPLACE FUNCTION escalate.all_settings() RETURNS SETOF escalate.setting_used LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM escalate.unit_only('reads what every agency keeps');
    RETURN QUERY SELECT * FROM escalate.setting_used s ORDER BY s.agency, s.by, s.name, s.since;
END $$;

CREATE OR REPLACE FUNCTION escalate.on_disk() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
-- Have the transaction this is called in wait until it is on the disk, though it writes no row: so is everything that was committed before it.
-- By a function, because what the server answers its owner tells how much others write. A replica has nothing to wait for.
AS $$
BEGIN
    IF pg_is_in_recovery() THEN
        RETURN;
    END IF;
    IF current_setting('synchronous_commit') = 'off' THEN
        PERFORM set_config('synchronous_commit', 'on', true);
    END IF;
    PERFORM pg_logical_emit_message(true, 'escalate', '');
END $$;

-- What PostgreSQL tells every login unless that is taken away (004_quiet.sql) ------------------------------------------------------------------

CREATE OR REPLACE FUNCTION escalate.telltales(OUT kind text, OUT named text, OUT to_do text, OUT is_open boolean) RETURNS SETOF record
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
-- What tells how many rows were written, by how many transactions, who else is there, and what would help to find out; whether everybody may use it.
AS $$
    SELECT 'function', p.oid::regprocedure::text, 'EXECUTE', has_function_privilege('public', p.oid, 'EXECUTE') FROM pg_proc p
    WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.prokind = 'f' AND (
        p.proname LIKE 'pg\_stat\_get\_%' OR p.proname LIKE 'pg\_%\_size' AND p.proname NOT IN ('pg_column_size')
        OR p.proname LIKE 'pg\_current\_wal\_%' OR p.proname LIKE 'pg\_last\_%' OR p.proname LIKE 'txid\_%' OR p.proname LIKE 'lo\_%'
        OR p.proname IN (
            'pg_lock_status', 'pg_blocking_pids', 'pg_safe_snapshot_blocking_pids', 'pg_current_xact_id', 'pg_current_xact_id_if_assigned',
            'pg_current_snapshot', 'pg_export_snapshot', 'pg_xact_status', 'pg_prepared_xact', 'age', 'mxid_age', 'pg_relation_filenode',
            'pg_relation_filepath', 'pg_cursor_stats', 'pg_show_all_file_settings', 'pg_notification_queue_usage', 'pg_get_multixact_members',
            'pg_listening_channels', 'pg_logical_emit_message'
        ) AND NOT (p.proname = 'age' AND p.proargtypes[0] <> 'xid'::regtype)
    )
    UNION ALL
    SELECT 'table', 'pg_catalog.' || quote_ident(c.relname), 'SELECT', has_table_privilege('public', c.oid, 'SELECT') FROM pg_class c
    WHERE c.relnamespace = 'pg_catalog'::regnamespace AND (
        c.relkind = 'v' AND (
            c.relname LIKE 'pg\_stat\_%' OR c.relname LIKE 'pg\_statio\_%'
            OR c.relname IN ('pg_locks', 'pg_prepared_xacts', 'pg_replication_slots', 'pg_roles', 'pg_user', 'pg_group', 'pg_cursors')
        ) OR c.relname IN ('pg_auth_members', 'pg_database', 'pg_db_role_setting')
    )
    UNION ALL
    SELECT 'column', 'pg_catalog.pg_class.reltuples', 'SELECT', has_column_privilege('public', 'pg_catalog.pg_class', 'reltuples', 'SELECT')
    UNION ALL
    SELECT 'language', l.lanname, 'USAGE', has_language_privilege('public', l.oid, 'USAGE') FROM pg_language l WHERE l.lanname IN ('plpgsql', 'sql')
$$;

-- The history, for whoever asks ---------------------------------------------------------------------------------------------------------------
-- By functions and not from the tables: what EXPLAIN ANALYZE tells of a policy, and what it expects, is different for a case of another agency and
-- for one that is not there. The first statement of each looks among the cases of whoever asks alone; no message of the planner gets out.

CREATE OR REPLACE FUNCTION escalate.cases_seen(refs text[] DEFAULT NULL) RETURNS SETOF escalate.text_c LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET client_min_messages = notice SET plan_cache_mode = force_custom_plan
-- Those of these cases that whoever asks may see; without any, all that they may see.
AS $$
DECLARE
    asking text := escalate.me();
BEGIN
    IF refs IS NULL THEN
        RETURN QUERY SELECT p.case_ref FROM escalate.party p WHERE p.agency = asking;
    ELSE
        RETURN QUERY SELECT p.case_ref FROM escalate.party p WHERE p.agency = asking AND p.case_ref = ANY (refs);
    END IF;
END $$;

CREATE OR REPLACE FUNCTION escalate.entries_seen(
    refs text[] DEFAULT NULL, of_kind text DEFAULT NULL, since text DEFAULT NULL, until text DEFAULT NULL
) RETURNS TABLE (
    id bigint, case_ref escalate.text_c, seq integer, kind escalate.text_c, at escalate.instant, recorded_at escalate.instant,
    by escalate.text_c, data escalate.object, commitments escalate.object
) LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET client_min_messages = notice SET plan_cache_mode = force_custom_plan
-- The entries of these cases or of all, of one kind or of every, recorded after an instant and up to another: those that whoever asks may see.
AS $$
DECLARE
    asking text := escalate.me();
    seen text[] := CASE WHEN asking = '*' THEN refs WHEN refs IS NOT NULL THEN ARRAY(SELECT c::text FROM escalate.cases_seen(refs) c) END;
BEGIN
    RETURN QUERY SELECT e.id, e.case_ref, e.seq, e.kind, e.at, e.recorded_at, e.by, e.data, e.commitments FROM escalate.entry e
    WHERE (refs IS NULL OR e.case_ref = ANY (seen))
      AND (refs IS NOT NULL OR asking = '*' OR e.case_ref IN (SELECT p.case_ref FROM escalate.party p WHERE p.agency = asking))
      AND (of_kind IS NULL OR e.kind = of_kind) AND (since IS NULL OR e.recorded_at > since) AND (until IS NULL OR e.recorded_at <= until);
END $$;

CREATE OR REPLACE FUNCTION escalate.words_seen(refs text[] DEFAULT NULL, ids bigint[] DEFAULT NULL) RETURNS TABLE (
    entry_id bigint, case_ref escalate.text_c, kind escalate.text_c, field escalate.text_c, salt escalate.text_c, content escalate.text_c
) LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET client_min_messages = notice SET plan_cache_mode = force_custom_plan
-- The words of these cases or of all, of the entries with these ids (drawn at random) or of every: those that whoever asks may see.
AS $$
DECLARE
    asking text := escalate.me();
    seen text[] := CASE WHEN asking = '*' THEN refs WHEN refs IS NOT NULL THEN ARRAY(SELECT c::text FROM escalate.cases_seen(refs) c) END;
BEGIN
    RETURN QUERY SELECT w.entry_id, w.case_ref, w.kind, w.field, w.salt, w.content FROM escalate.words w
    WHERE (refs IS NULL OR w.case_ref = ANY (seen)) AND (ids IS NULL OR w.entry_id = ANY (ids))
      AND (refs IS NOT NULL OR asking = '*' OR w.case_ref IN (SELECT p.case_ref FROM escalate.party p WHERE p.agency = asking));
END $$;

CREATE OR REPLACE FUNCTION escalate.cases_left(since text, until text) RETURNS TABLE (
    case_ref escalate.text_c, seq integer, recorded_at escalate.instant, by escalate.text_c
) LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET client_min_messages = notice SET plan_cache_mode = force_custom_plan
-- The cases that the agency of whoever asks is no side of any more, each with the entry by which it left: the last of it that the
-- agency's own chain has. Those whose last was recorded after an instant and up to another.
AS $$
DECLARE
    asking text := escalate.me();
BEGIN
    RETURN QUERY SELECT e.case_ref, e.seq, e.recorded_at, e.by FROM escalate.entry e
    JOIN escalate.agency_link l ON l.agency = asking AND l.case_ref = e.case_ref AND l.seq = e.seq
    WHERE e.recorded_at > since AND e.recorded_at <= until
      AND NOT EXISTS (SELECT FROM escalate.party p WHERE p.agency = asking AND p.case_ref = e.case_ref)
      AND NOT EXISTS (SELECT FROM escalate.agency_link o WHERE o.agency = asking AND o.case_ref = e.case_ref AND o.seq > e.seq);
END $$;

CREATE OR REPLACE FUNCTION escalate.size_seen(OUT entries bigint, OUT recorded_at text) LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET client_min_messages = notice
-- How many entries whoever asks may see, and when the last of them was recorded.
AS $$
DECLARE
    asking text := escalate.me();
BEGIN
    SELECT count(*), max(e.recorded_at) INTO entries, recorded_at FROM escalate.entry e
    WHERE asking = '*' OR e.case_ref IN (SELECT p.case_ref FROM escalate.party p WHERE p.agency = asking);
END $$;

RESET ROLE;
