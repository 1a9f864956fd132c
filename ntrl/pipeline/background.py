"""Starting a run without waiting for it: the one seam between whoever asks for it and whatever carries it out."""

from ntrl.pipeline.models import Trigger
from ntrl.pipeline.services import PipelineOptions, run_pipeline


def start_in_background(*, trigger: Trigger, options: PipelineOptions | None = None) -> str:
    """Start a run of the whole pipeline; returns its trace id. Its row is there at once.

    As long as there is no queue, it is done at once.

    Raises:
        AlreadyRunning: another run is under way.
    """
    return run_pipeline(trigger=trigger, options=options).summary.trace_id
