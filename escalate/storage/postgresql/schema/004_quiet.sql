-- What PostgreSQL tells every login of the database as a whole: how many rows were written, by how many transactions, who else is there.
-- The owner keeps it, and with it every administrator. Only a superuser can take it away; where the administrator is none, this file is left out, and `status` says so.

DO $$
DECLARE
    each record;
    shown text;
BEGIN
    FOR each IN
        SELECT p.oid::regprocedure AS called FROM pg_proc p
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
    LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', each.called);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO escalate_owner', each.called);
    END LOOP;
    FOR each IN
        SELECT c.relname FROM pg_class c
        WHERE c.relnamespace = 'pg_catalog'::regnamespace AND c.relkind = 'v' AND (
            c.relname LIKE 'pg\_stat\_%' OR c.relname LIKE 'pg\_statio\_%'
            OR c.relname IN ('pg_locks', 'pg_prepared_xacts', 'pg_replication_slots', 'pg_roles', 'pg_user', 'pg_group', 'pg_cursors')
        )
    LOOP
        EXECUTE format('REVOKE SELECT ON pg_catalog.%I FROM PUBLIC', each.relname);
        EXECUTE format('GRANT SELECT ON pg_catalog.%I TO escalate_owner', each.relname);
    END LOOP;
    SELECT string_agg(quote_ident(a.attname), ', ') INTO shown FROM pg_attribute a
    WHERE a.attrelid = 'pg_catalog.pg_class'::regclass AND a.attnum > 0 AND a.attname NOT IN (
        'reltuples', 'relpages', 'relallvisible', 'relallfrozen', 'relfrozenxid', 'relminmxid', 'relfilenode'
    );
    REVOKE SELECT ON pg_catalog.pg_class, pg_catalog.pg_auth_members, pg_catalog.pg_database, pg_catalog.pg_db_role_setting FROM PUBLIC;
    GRANT SELECT ON pg_catalog.pg_class, pg_catalog.pg_auth_members, pg_catalog.pg_database, pg_catalog.pg_db_role_setting TO escalate_owner;
    EXECUTE format('GRANT SELECT (%s) ON pg_catalog.pg_class TO PUBLIC', shown);
    REVOKE USAGE ON LANGUAGE plpgsql, sql FROM PUBLIC;
    GRANT USAGE ON LANGUAGE plpgsql, sql TO escalate_owner;
END $$;
