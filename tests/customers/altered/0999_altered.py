"""Remakes both guarded tables, as any later change of a column would on SQLite."""

from pathlib import Path

from django.db import migrations, models

import customers.migrations

LAST = max(path.stem for folder in customers.migrations.__path__ for path in Path(folder).glob("0*.py"))


class Migration(migrations.Migration):
    dependencies = [("customers", LAST)]
    operations = [
        migrations.AlterField("company", "name", models.CharField(max_length=321)),
        migrations.AlterField("customer", "name", models.CharField(max_length=321)),
    ]
