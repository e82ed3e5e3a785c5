"""How do events get their numbers? At commit, under a lock on the heads of all streams they touch."""

from django.conf import settings
from django.db import migrations

CLOCK = """
INSERT INTO journal_clock (shift) VALUES (interval '0');
CREATE FUNCTION journal_now() RETURNS timestamptz LANGUAGE sql STABLE
AS 'SELECT clock_timestamp() + shift FROM journal_clock';
INSERT INTO journal_epoch (name, at, reason)
VALUES (replace(gen_random_uuid()::text, '-', ''), clock_timestamp(), 'first');
"""

# Several events of one transaction are numbered at the first firing, heads locked in sorted order: locking row by
# row deadlocks. Order in a stream is therefore the order of commit, and no number is ever missing.
NUMBER = """
CREATE FUNCTION journal_number() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
DECLARE
  this bigint := pg_current_xact_id()::text::bigint;
  mine text[];
  life text;
  lasts bigint[];
  chains bytea[];
  i int;
  fact record;
BEGIN
  IF EXISTS (SELECT 1 FROM public.journal_entry WHERE event_id = NEW.n) THEN
    RETURN NULL;
  END IF;
  SELECT array_agg(DISTINCT e.stream ORDER BY e.stream) INTO mine
    FROM public.journal_event e
   WHERE e.xact = this AND NOT EXISTS (SELECT 1 FROM public.journal_entry WHERE event_id = e.n);
  IF EXISTS (SELECT 1 FROM unnest(mine) AS s(stream)
              WHERE NOT EXISTS (SELECT 1 FROM public.journal_head h WHERE h.stream = s.stream)) THEN
    SELECT e.name INTO life FROM public.journal_epoch e ORDER BY e.id DESC LIMIT 1;
    INSERT INTO public.journal_head (stream, seq, hash, genesis, epoch)
    SELECT s.stream, 0, g.hash, g.hash, life
      FROM unnest(mine) AS s(stream), sha256(convert_to(s.stream || '|' || life, 'UTF8')) AS g(hash)
     ORDER BY s.stream
        ON CONFLICT (stream) DO NOTHING;
  END IF;
  PERFORM 1 FROM public.journal_head WHERE stream = ANY (mine) ORDER BY stream FOR UPDATE;
  SELECT array_agg(h.seq ORDER BY h.stream), array_agg(h.hash ORDER BY h.stream) INTO lasts, chains
    FROM public.journal_head h WHERE h.stream = ANY (mine);
  FOR fact IN
    SELECT e.n, e.stream, e.body FROM public.journal_event e
     WHERE e.xact = this AND NOT EXISTS (SELECT 1 FROM public.journal_entry WHERE event_id = e.n)
     ORDER BY e.n
  LOOP
    i := array_position(mine, fact.stream);
    lasts[i] := lasts[i] + 1;
    chains[i] := sha256(chains[i] || convert_to(fact.stream || '|' || lasts[i] || '|' || fact.body, 'UTF8'));
    INSERT INTO public.journal_entry (stream, seq, event_id, hash)
    VALUES (fact.stream, lasts[i], fact.n, chains[i]);
  END LOOP;
  UPDATE public.journal_head h SET seq = s.seq, hash = s.hash
    FROM unnest(mine, lasts, chains) AS s(stream, seq, hash) WHERE h.stream = s.stream;
  IF NOT EXISTS (SELECT 1 FROM public.journal_entry WHERE event_id = NEW.n) THEN
    RAISE EXCEPTION 'event % was not numbered', NEW.n;
  END IF;
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION journal_number() FROM PUBLIC;
CREATE CONSTRAINT TRIGGER journal_number AFTER INSERT ON journal_event
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION journal_number();
ALTER TABLE journal_head SET (fillfactor = 20);
"""

UNDO = """
DROP TRIGGER journal_number ON journal_event;
DROP FUNCTION journal_number();
DROP FUNCTION journal_now();
"""


def keep_the_web_out(apps, editor):
    """The web role may add events and seals, read all, and change nothing."""
    role = editor.quote_name(settings.WEB_ROLE)
    with editor.connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [settings.WEB_ROLE])
        if cursor.fetchone() is None:
            message = f"create the database role {settings.WEB_ROLE} first (docs: how to run in production)"
            raise RuntimeError(message)
        cursor.execute(
            f"REVOKE ALL ON journal_clock, journal_epoch, journal_head, journal_entry, journal_event, "
            f"journal_seal FROM {role};"
            f"GRANT SELECT ON journal_clock, journal_epoch, journal_head, journal_entry, journal_event, "
            f"journal_seal TO {role};"
            f"GRANT INSERT ON journal_event, journal_seal TO {role};"
            f"GRANT USAGE ON SEQUENCE journal_event_n_seq, journal_seal_id_seq TO {role};"
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON journal_notice, journal_key TO {role};"
            f"GRANT USAGE ON SEQUENCE journal_notice_id_seq, journal_key_id_seq TO {role};"
        )


class Migration(migrations.Migration):
    dependencies = [("journal", "0001_initial")]
    operations = [
        migrations.RunSQL(CLOCK, migrations.RunSQL.noop),
        migrations.RunSQL(NUMBER, UNDO),
        migrations.RunPython(keep_the_web_out, migrations.RunPython.noop),
    ]
