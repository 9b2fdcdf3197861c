-- When something is due by another reading of its protocol. Run whenever the schema is made, before the functions.

SET LOCAL ROLE escalate_owner;
ALTER TABLE escalate.deadline ADD COLUMN IF NOT EXISTS other_reading_at escalate.instant;
RESET ROLE;
