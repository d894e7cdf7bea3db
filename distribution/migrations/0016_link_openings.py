from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def read_from_the_timeline(apps, schema_editor):
    """Until now an opening stood in its invoice's events alone, and nearly every invoice has one link at most."""
    events = apps.get_model("distribution", "Event").objects.filter(invoice=OuterRef("invoice"), kind="link_opened")
    last = events.filter(at__gte=OuterRef("created_at")).order_by("-pk").values("at")[:1]
    apps.get_model("distribution", "Link").objects.update(opened_at=Subquery(last))


class Migration(migrations.Migration):

    dependencies = [
        ('distribution', '0015_mail_that_comes_back'),
    ]

    operations = [
        migrations.AddField(
            model_name='link',
            name='opened_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='link',
            name='fetched_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.RunPython(read_from_the_timeline, migrations.RunPython.noop),
    ]
