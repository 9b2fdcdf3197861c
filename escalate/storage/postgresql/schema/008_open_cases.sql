-- Whether a person, or two agencies on one day, have an open case is found in indexes. Run whenever the schema is made, before the functions.

SET LOCAL ROLE escalate_owner;
CREATE INDEX IF NOT EXISTS cases_subject ON escalate.cases (agency, subject, number) WHERE status = 'open';
CREATE INDEX IF NOT EXISTS cases_raised ON escalate.cases (agency, raised_at, number) WHERE status = 'open';
RESET ROLE;
