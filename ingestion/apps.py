"""The ingestion app."""

from django.apps import AppConfig


class IngestionConfig(AppConfig):
    """Stage 1: feeds and articles."""

    name = "ingestion"
