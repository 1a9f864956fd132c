"""The addresses under /v1. Whatever else begins so is not found, as a problem document."""

from django.urls import path, re_path, register_converter

from briefs import api as briefs
from classification import api as classification
from ingestion import api as ingestion
from narratives import api as narratives
from neutralization import api as neutralization
from neutralization import api_stories as stories
from ntrl.api.documents import Docs, Nothing, Schema
from ntrl.pipeline import api as pipeline
from ntrl.pipeline.api_status import SystemStatus
from ntrl.rest.converters import IdConverter
from search import api as search

register_converter(IdConverter, "id")

urlpatterns = [
    path("brief", briefs.CurrentBrief.as_view(), name="brief"),
    path("brief/run", briefs.BriefRun.as_view(), name="brief-run"),
    path("brief/<day:day>", briefs.BriefOfDay.as_view(), name="brief-of-day"),
    path("stories", stories.Stories.as_view(), name="stories"),
    path("stories/<id:story_id>", stories.OneStory.as_view(), name="story"),
    path("stories/<id:story_id>/transparency", stories.StoryTransparency.as_view(), name="story-transparency"),
    path("stories/<id:story_id>/debug", neutralization.StoryDebug.as_view(), name="story-debug"),
    path("stories/<id:story_id>/debug/spans", neutralization.StoryDebugSpans.as_view(), name="story-debug-spans"),
    path("sources", ingestion.Sources.as_view(), name="sources"),
    path("sources/<slug:slug>", ingestion.OneSource.as_view(), name="source"),
    path("narratives", narratives.Narratives.as_view(), name="narratives"),
    path("narratives/<id:narrative_id>", narratives.OneNarrative.as_view(), name="narrative"),
    path("search", search.Search.as_view(), name="search"),
    path("topics/trending", search.TrendingTopics.as_view(), name="topics-trending"),
    path("ingest/run", ingestion.IngestRun.as_view(), name="ingest-run"),
    path("classify/run", classification.ClassifyRun.as_view(), name="classify-run"),
    path("neutralize/run", neutralization.NeutralizeRun.as_view(), name="neutralize-run"),
    path("pipeline/scheduled-run", pipeline.ScheduledRun.as_view(), name="scheduled-run"),
    path("pipeline/scheduled-run-async", pipeline.ScheduledRunAsync.as_view(), name="scheduled-run-async"),
    path("pipeline/runs", pipeline.Runs.as_view(), name="pipeline-runs"),
    path("pipeline/runs/<slug:trace_id>", pipeline.OneRun.as_view(), name="pipeline-run"),
    path("status", SystemStatus.as_view(), name="status"),
    path("schema/", Schema.as_view(), name="schema"),
    path("docs/", Docs.as_view(), name="docs"),
    re_path("", Nothing.as_view()),
]
