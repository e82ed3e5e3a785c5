"""How is an incident found by its words? By an index over them, and by its number without the zeros before it."""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
from django.db import migrations

NUMBERS = """
UPDATE incidents_incident SET search_key = search_key || ' ' || ltrim(substring(ref from '[0-9]+$'), '0')
 WHERE ref ~ '[1-9][0-9]*$'
"""


class Migration(migrations.Migration):
    dependencies = [("incidents", "0002_references")]
    operations = [
        migrations.RunSQL(NUMBERS, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="incident",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.search.SearchVector("search_key", config="simple"),
                name="incident_search",
            ),
        ),
    ]
