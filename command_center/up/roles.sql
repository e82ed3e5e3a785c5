-- Who may do what in the database? Run it as a superuser: in template1 before the database is made, or in the
-- database itself. Safe to run again. The owner changes tables; the web role only changes rows, and of the
-- journal not even those (its migrations take UPDATE, DELETE and TRUNCATE away again).
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'baucu_owner') THEN
        CREATE ROLE baucu_owner LOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'baucu_web') THEN
        CREATE ROLE baucu_web LOGIN;
    END IF;
END
$$;
ALTER SCHEMA public OWNER TO baucu_owner;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO baucu_web;
ALTER DEFAULT PRIVILEGES FOR ROLE baucu_owner IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO baucu_web;
ALTER DEFAULT PRIVILEGES FOR ROLE baucu_owner IN SCHEMA public
    GRANT USAGE, SELECT ON SEQUENCES TO baucu_web;
