import django.db.models.deletion
from django.db import migrations, models

ROOM = 60  # percent of a page that is filled at first


def leave_room(apps, schema_editor):
    """PostgreSQL writes a changed row anew. In a page with room it stays where every index finds it, so an activation
    writes few index entries: twice as fast (benchmarks/activate.py)."""
    if schema_editor.connection.vendor == 'postgresql':
        schema_editor.execute(f'ALTER TABLE customers_customer SET (fillfactor = {ROOM})')


class Migration(migrations.Migration):

    dependencies = [
        ('customers', '0001_initial'),
    ]

    operations = [
        migrations.AlterField(
            model_name='customer',
            name='company',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='customers', to='customers.company'),
        ),
        migrations.RunPython(leave_room, migrations.RunPython.noop),
    ]
