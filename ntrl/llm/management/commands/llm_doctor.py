"""`manage.py llm_doctor`: do the language models answer?"""

from typing import Any

from ntrl.llm.checks import FOR_STORIES, operations_without_models
from ntrl.llm.doctor import Diagnosis, examine_settings, verdict
from ntrl.llm.gateway import open_gateway
from ntrl.stages.command import NtrlCommand
from ntrl.stages.models import RunStatus
from ntrl.stages.records import new_trace_id


class Command(NtrlCommand):
    """Try each provider."""

    help = (
        "Try each provider of language models that has a key: is the key accepted, is the model listed and not about "
        "to be retired, is its price known, does it answer one tiny call; and say what to do where not."
    )
    epilog = "Exit status: 0 all is well, or nothing is set up; 3 somebody has a problem; 1 nobody answers."

    def work(self, options: dict[str, Any]) -> RunStatus:
        """Examine, and say what was found."""
        diagnoses = []
        for diagnosis in examine_settings(open_gateway(new_trace_id())):
            diagnoses.append(diagnosis)
            self._say(diagnosis)
        if not diagnoses:
            self.say(f"No provider is set up: every stage does without a model. Set {FOR_STORIES}.")
        status, without = verdict(diagnoses), operations_without_models()
        if diagnoses and without:
            self.say(f"Done without a model, since none of these providers is asked about it: {', '.join(without)}.")
        self.print_json(
            {
                "status": status,
                "providers": [_as_dict(diagnosis) for diagnosis in diagnoses],
                "operations_without_models": without,
            }
        )
        return status

    def _say(self, diagnosis: Diagnosis) -> None:
        self.say(self.style.MIGRATE_HEADING(f"{diagnosis.provider}: {diagnosis.model}"))
        for finding in diagnosis.findings:
            self.say(f"  {finding.what}: {finding.found}")
            if finding.problem:
                self.say(self.style.WARNING(f"    {finding.problem}"))


def _as_dict(diagnosis: Diagnosis) -> dict[str, Any]:
    return {
        "provider": diagnosis.provider,
        "model": diagnosis.model,
        "answers": diagnosis.answers,
        "findings": [
            {"what": finding.what, "found": finding.found, "problem": finding.problem} for finding in diagnosis.findings
        ],
    }
