from django.db import migrations, models
from django.db.models import F
from django.utils import timezone


def until_assembled(apps, schema_editor):
    """A brief from before the column held what there was when it was assembled."""
    apps.get_model('briefs', 'DailyBrief').objects.update(stories_until=F('assembled_at'))


class Migration(migrations.Migration):

    dependencies = [
        ('briefs', '0001_initial'),
        ('ingestion', '0002_near_duplicates_and_updates'),
        ('neutralization', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='dailybrief',
            name='stories_until',
            field=models.DateTimeField(default=timezone.now, help_text='The stories had reached us by then.'),
        ),
        migrations.RunPython(until_assembled, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name='dailybriefitem',
            constraint=models.CheckConstraint(condition=models.Q(('section__in', ['world', 'us', 'local', 'business', 'technology', 'science', 'health', 'environment', 'sports', 'culture'])), name='brief_item_section'),
        ),
    ]
