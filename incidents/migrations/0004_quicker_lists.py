"""How are a deep page and those who still wait found without reading every incident?"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("incidents", "0003_search")]
    operations = [
        migrations.RemoveIndex(model_name="incident", name="incident_recent"),
        migrations.AddIndex(
            model_name="incident",
            index=models.Index(
                fields=["operation", "-reported_at", "id"],
                include=["path", "topic", "secrecy"],
                name="incident_recent",
            ),
        ),
        migrations.AddIndex(
            model_name="incident",
            index=models.Index(
                fields=["operation", "answer_by", "id"],
                condition=models.Q(state="reported"),
                name="incident_waiting",
            ),
        ),
    ]
