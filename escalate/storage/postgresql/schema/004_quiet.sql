-- What PostgreSQL tells every login of the database as a whole: how many rows were written, by how many transactions, who else is there.
-- What that is, `telltales` lists. The owner keeps it, and with it every administrator. Only a superuser can take it away; where the administrator is none, this file is
-- left out, and `status` says so.

DO $$
DECLARE
    each record;
    shown text;
BEGIN
    FOR each IN SELECT * FROM escalate.telltales() t WHERE t.kind <> 'column' LOOP
        EXECUTE format('REVOKE %s ON %s %s FROM PUBLIC', each.to_do, each.kind, each.named);
        EXECUTE format('GRANT %s ON %s %s TO escalate_owner', each.to_do, each.kind, each.named);
    END LOOP;
    SELECT string_agg(quote_ident(a.attname), ', ') INTO shown FROM pg_attribute a
    WHERE a.attrelid = 'pg_catalog.pg_class'::regclass AND a.attnum > 0 AND a.attname NOT IN (
        'reltuples', 'relpages', 'relallvisible', 'relallfrozen', 'relfrozenxid', 'relminmxid', 'relfilenode'
    );
    REVOKE SELECT ON pg_catalog.pg_class FROM PUBLIC;
    GRANT SELECT ON pg_catalog.pg_class TO escalate_owner;
    EXECUTE format('GRANT SELECT (%s) ON pg_catalog.pg_class TO PUBLIC', shown);
END $$;
