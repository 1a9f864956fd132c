import uuid

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import narratives.facts.fields
from narratives.facts.tables import TABLES


def create_tables(apps, schema_editor):
    """Make the facts' tables, unless they are there: then they are somebody else's, and stay as they are."""
    if TABLES & set(schema_editor.connection.introspection.table_names()):
        return
    for name in ("UniversalUser", "FactEntity", "UserFactRelationship"):
        schema_editor.create_model(apps.get_model("facts", name))


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="UniversalUser",
                    fields=[
                        ("universal_id", models.CharField(max_length=255, primary_key=True, serialize=False)),
                        ("primary_username", models.CharField(max_length=255)),
                    ],
                    options={"db_table": "universal_users"},
                ),
                migrations.CreateModel(
                    name="FactEntity",
                    fields=[
                        (
                            "id",
                            models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                        ),
                        ("entity_type", models.TextField()),
                        ("entity_name", models.TextField()),
                        ("category", models.TextField(blank=True, null=True)),
                        ("subcategory", models.TextField(blank=True, null=True)),
                        ("attributes", models.JSONField(blank=True, default=dict, null=True)),
                        (
                            "created_at",
                            narratives.facts.fields.UtcDateTimeField(default=django.utils.timezone.now, null=True),
                        ),
                        (
                            "updated_at",
                            narratives.facts.fields.UtcDateTimeField(default=django.utils.timezone.now, null=True),
                        ),
                    ],
                    options={
                        "db_table": "fact_entities",
                        "verbose_name_plural": "fact entities",
                        "constraints": [
                            models.UniqueConstraint(fields=("entity_type", "entity_name"), name="fact_entity_unique")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="UserFactRelationship",
                    fields=[
                        (
                            "id",
                            models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                        ),
                        ("relationship_type", models.CharField(max_length=50)),
                        ("confidence", models.FloatField(default=0.5, null=True)),
                        ("strength", models.FloatField(default=0.5, null=True)),
                        ("emotional_context", models.TextField(blank=True, null=True)),
                        ("context_metadata", models.JSONField(blank=True, default=dict, null=True)),
                        ("source_conversation_id", models.TextField(blank=True, null=True)),
                        ("mentioned_by_character", models.TextField(blank=True, null=True)),
                        ("source_platform", models.TextField(blank=True, null=True)),
                        ("related_entities", models.JSONField(blank=True, default=list, null=True)),
                        (
                            "created_at",
                            narratives.facts.fields.UtcDateTimeField(default=django.utils.timezone.now, null=True),
                        ),
                        (
                            "updated_at",
                            narratives.facts.fields.UtcDateTimeField(default=django.utils.timezone.now, null=True),
                        ),
                        (
                            "entity",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="facts",
                                to="facts.factentity",
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="facts",
                                to="facts.universaluser",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "fact",
                        "db_table": "user_fact_relationships",
                        "indexes": [
                            models.Index(fields=["mentioned_by_character", "user"], name="user_fact_bot_user"),
                            models.Index(fields=["source_conversation_id"], name="user_fact_source"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("user", "entity", "relationship_type"), name="user_fact_unique"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("confidence__gte", 0), ("confidence__lte", 1)),
                                name="user_fact_confidence",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("strength__gte", 0), ("strength__lte", 1)),
                                name="user_fact_strength",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("relationship_type", ""), _negated=True),
                                name="user_fact_relationship",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="NarrativeFact",
                    fields=[],
                    options={"proxy": True, "indexes": [], "constraints": []},
                    bases=("facts.userfactrelationship",),
                ),
            ],
        ),
        # Backwards nothing is dropped: nobody can tell any more whose the tables are.
        migrations.RunPython(create_tables, migrations.RunPython.noop),
        migrations.CreateModel(
            name="EnrichmentMark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("bot", models.CharField(max_length=255)),
                ("user_id", models.CharField(max_length=255)),
                ("kind", models.CharField(choices=[("facts", "Facts")], max_length=20)),
                ("at", models.DateTimeField(help_text="The time of the last message that was processed.")),
                (
                    "message_id",
                    models.CharField(blank=True, help_text="Its id; empty: none of that time.", max_length=100),
                ),
                ("since", models.DateTimeField(help_text="Late messages are looked for from here on.")),
                ("since_id", models.CharField(blank=True, max_length=100)),
                (
                    "recent",
                    models.JSONField(blank=True, default=list, help_text="Messages since then that were processed."),
                ),
                (
                    "stream_version",
                    models.CharField(blank=True, help_text="Read to the end as it was then.", max_length=100),
                ),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("bot", "user_id", "kind"), name="enrichment_mark_unique"),
                    models.CheckConstraint(condition=models.Q(("kind__in", ["facts"])), name="enrichment_mark_kind"),
                ],
            },
        ),
    ]
