"""Where does the number of a reference come from? A sequence per operation and province, made on demand."""

from django.db import migrations

# Gaps are allowed and said so: a counter row would make every report of a province wait for the one before.
# SECURITY DEFINER: the web role may not create sequences by itself.
NUMBER = """
CREATE FUNCTION incident_number(operation bigint, province text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE name text := format('incident_%s_%s', operation, regexp_replace(province, '[^A-Za-z0-9]', '', 'g'));
BEGIN
  IF to_regclass(format('public.%I', name)) IS NULL THEN
    PERFORM pg_advisory_xact_lock(hashtext(name));
    EXECUTE format('CREATE SEQUENCE IF NOT EXISTS public.%I', name);
  END IF;
  RETURN nextval(format('public.%I', name));
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("incidents", "0001_initial")]
    operations = [migrations.RunSQL(NUMBER, "DROP FUNCTION incident_number(bigint, text)")]
