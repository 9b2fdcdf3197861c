-- Why calendars were changed, and what closures are called, where it can be erased; and the clock that was set by hand. Run once, where this table is not there
-- yet, after 005 and before the functions.
--
-- calendar_words   by `why`, or by the day of a closure that is called otherwise: the words, with the salt of the hash by which their version commits to them

SET LOCAL ROLE escalate_owner;

CREATE TABLE escalate.calendar_words (
    calendar escalate.text_c,
    version integer,
    field escalate.text_c,
    salt escalate.text_c NOT NULL,
    content escalate.text_c NOT NULL,
    PRIMARY KEY (calendar, version, field),
    FOREIGN KEY (calendar, version) REFERENCES escalate.calendar_version (calendar, version)
);
ALTER TABLE escalate.calendar_version ADD COLUMN commitments escalate.object;
ALTER TABLE escalate.calendar_version ADD COLUMN clock escalate.instant;
ALTER TABLE escalate.edition ADD COLUMN clock escalate.instant;

INSERT INTO escalate.calendar_words (calendar, version, field, salt, content)
SELECT v.calendar, v.version, 'why', replace(gen_random_uuid()::text, '-', ''), v.why FROM escalate.calendar_version v
UNION ALL
SELECT d.calendar, d.since, d.day, replace(gen_random_uuid()::text, '-', ''), d.name
FROM escalate.day_off d JOIN escalate.calendar_version v ON v.calendar = d.calendar AND v.version = d.since
WHERE d.kind = 'closure' AND d.name <> v.why;
ALTER TABLE escalate.calendar_version DISABLE TRIGGER calendar_version_is_only_added_to;
ALTER TABLE escalate.calendar_version DISABLE TRIGGER calendar_version_is_left_as_it_is;
UPDATE escalate.calendar_version SET why = '';
ALTER TABLE escalate.calendar_version ENABLE ALWAYS TRIGGER calendar_version_is_only_added_to;
ALTER TABLE escalate.calendar_version ENABLE ALWAYS TRIGGER calendar_version_is_left_as_it_is;
UPDATE escalate.day_off SET name = '' WHERE kind = 'closure';

CREATE TRIGGER calendar_words_are_never_changed BEFORE UPDATE ON escalate.calendar_words
    FOR EACH ROW EXECUTE FUNCTION escalate.is_only_added_to();
CREATE TRIGGER calendar_words_are_left_as_they_are BEFORE UPDATE OR TRUNCATE ON escalate.calendar_words
    FOR EACH STATEMENT EXECUTE FUNCTION escalate.is_only_added_to();
ALTER TABLE escalate.calendar_words ENABLE ALWAYS TRIGGER calendar_words_are_never_changed;
ALTER TABLE escalate.calendar_words ENABLE ALWAYS TRIGGER calendar_words_are_left_as_they_are;

RESET ROLE;
