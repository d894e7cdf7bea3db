"""Remakes both guarded tables, as any later change of a column would on SQLite."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0001_initial")]
    operations = [
        migrations.AlterField("company", "name", models.CharField(max_length=321)),
        migrations.AlterField("customer", "name", models.CharField(max_length=321)),
    ]
