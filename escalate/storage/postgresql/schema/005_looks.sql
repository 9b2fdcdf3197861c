-- Who looked at names. Run once, where these tables are not there yet, after 001 and before the functions.
--
-- look         a look at names, dates of birth, addresses or e-mail addresses: of an agency, numbered within it, by a login
-- look_words   why somebody looked, and whom they asked for, so that it can be erased

SET LOCAL ROLE escalate_owner;

CREATE TABLE escalate.look (
    agency escalate.text_c,
    id bigint,
    at escalate.instant NOT NULL,
    by escalate.text_c NOT NULL,
    login escalate.text_c,
    command escalate.text_c NOT NULL,
    cases escalate.list NOT NULL,
    data escalate.object NOT NULL,
    commitments escalate.object NOT NULL,
    logged_at timestamptz NOT NULL DEFAULT clock_timestamp(),  -- by the server's clock; no part of the chain, so that it holds in a file
    PRIMARY KEY (agency, id)
);
CREATE TABLE escalate.look_words (
    agency escalate.text_c,
    look bigint,
    field escalate.text_c,
    salt escalate.text_c NOT NULL,
    content escalate.text_c NOT NULL,
    PRIMARY KEY (agency, look, field),
    FOREIGN KEY (agency, look) REFERENCES escalate.look (agency, id)
);

CREATE FUNCTION escalate.look_comes_next() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.id IS DISTINCT FROM coalesce((SELECT max(o.id) FROM escalate.look o WHERE o.agency = NEW.agency), 0) + 1 THEN
        RAISE EXCEPTION USING ERRCODE = 'ES004', MESSAGE = 'A row of look is only added at the end.';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER look_comes_next BEFORE INSERT ON escalate.look FOR EACH ROW EXECUTE FUNCTION escalate.look_comes_next();
CREATE TRIGGER look_is_only_added_to BEFORE UPDATE OR DELETE ON escalate.look
    FOR EACH ROW EXECUTE FUNCTION escalate.is_only_added_to();
CREATE TRIGGER look_is_left_as_it_is BEFORE UPDATE OR DELETE OR TRUNCATE ON escalate.look
    FOR EACH STATEMENT EXECUTE FUNCTION escalate.is_only_added_to();
CREATE TRIGGER look_words_are_never_changed BEFORE UPDATE ON escalate.look_words
    FOR EACH ROW EXECUTE FUNCTION escalate.is_only_added_to();
CREATE TRIGGER look_words_are_left_as_they_are BEFORE UPDATE OR TRUNCATE ON escalate.look_words
    FOR EACH STATEMENT EXECUTE FUNCTION escalate.is_only_added_to();
ALTER TABLE escalate.look ENABLE ALWAYS TRIGGER look_is_only_added_to;
ALTER TABLE escalate.look ENABLE ALWAYS TRIGGER look_is_left_as_it_is;
ALTER TABLE escalate.look_words ENABLE ALWAYS TRIGGER look_words_are_never_changed;
ALTER TABLE escalate.look_words ENABLE ALWAYS TRIGGER look_words_are_left_as_they_are;

RESET ROLE;
