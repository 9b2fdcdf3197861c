-- On which days somebody holds a side. Run whenever the schema is made, before the functions.

SET LOCAL ROLE escalate_owner;
ALTER TABLE escalate.holder ADD COLUMN IF NOT EXISTS from_day escalate.day;
ALTER TABLE escalate.holder ADD COLUMN IF NOT EXISTS until_day escalate.day;
DROP FUNCTION IF EXISTS escalate.chain_holders();  -- it had fewer columns, which cannot be changed otherwise
RESET ROLE;
