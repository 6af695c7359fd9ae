-- The three roles of a lineage database, and whom what belongs to. `egoetl db roles` runs this as often as wanted; somebody who
-- may make roles on the server can also run it with psql, connected to the lineage database. They are groups without a login:
-- grant them to logins, or have those made by `egoetl db login`.

DO $$
DECLARE
    role text;
    statement text;
BEGIN
    FOREACH role IN ARRAY ARRAY['egoetl_owner', 'egoetl_writer', 'egoetl_reader'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', role);
        END IF;
    END LOOP;
    -- Whoever gives something to a role must be able to become it.
    IF NOT pg_has_role('egoetl_owner', CASE WHEN current_setting('server_version_num')::integer < 160000 THEN 'MEMBER' ELSE 'SET' END) THEN
        EXECUTE format('GRANT egoetl_owner TO %I', current_user);
    END IF;
    EXECUTE format('GRANT CONNECT, CREATE, TEMPORARY ON DATABASE %I TO egoetl_owner', current_database());
    EXECUTE format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO egoetl_writer', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO egoetl_reader', current_database());

    -- What an earlier release made belongs to the login that made it.
    FOR statement IN
        SELECT format('ALTER SCHEMA %I OWNER TO egoetl_owner', nspname) FROM pg_namespace
        WHERE nspname = 'lineage' AND pg_get_userbyid(nspowner) <> 'egoetl_owner'
        UNION ALL
        SELECT format('ALTER %s %s OWNER TO egoetl_owner', CASE relkind WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END, oid::regclass) FROM pg_class
        WHERE relnamespace = to_regnamespace('lineage') AND relkind IN ('r', 'p', 'v') AND pg_get_userbyid(relowner) <> 'egoetl_owner'
        UNION ALL
        SELECT format('ALTER TYPE %s OWNER TO egoetl_owner', oid::regtype) FROM pg_type
        WHERE typnamespace = to_regnamespace('lineage') AND typtype IN ('d', 'e') AND pg_get_userbyid(typowner) <> 'egoetl_owner'
        UNION ALL
        SELECT format('ALTER ROUTINE %s OWNER TO egoetl_owner', oid::regprocedure) FROM pg_proc
        WHERE pronamespace = to_regnamespace('lineage') AND pg_get_userbyid(proowner) <> 'egoetl_owner'
    LOOP
        EXECUTE statement;
    END LOOP;
END $$;
