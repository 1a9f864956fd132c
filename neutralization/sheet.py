"""A version as it lies on the desk: the texts beside each other, the forms to correct it, and what was refused."""

from dataclasses import dataclass, field

from neutralization.audit import describe
from neutralization.corrections import AdditionRefused, AuditRefused, Refused, SpanRefused, TextRefused
from neutralization.desk_forms import AdditionForm, SpanForm, TextsForm
from neutralization.models import Method, Status, StoryNeutralized
from neutralization.rebuilding import Basis
from neutralization.redline import redline
from neutralization.selectors import Body
from neutralization.side_by_side import Row, plain_row, side_by_side
from neutralization.types import Output, Verdict

_MAKERS = {
    Method.LEXICON: "by the rules",
    Method.LLM: "by a language model",
    Method.EDITOR: "by an editor",
}


@dataclass(frozen=True, slots=True)
class Blame:
    """A rule that failed, in an editor's words; `text` is the text it failed on, unless it is the full one."""

    output: str
    description: str
    evidence: tuple[str, ...]
    text: str


@dataclass(slots=True)
class Sheet:
    """A version on the desk, with the forms to correct it."""

    base: StoryNeutralized
    body: Body
    basis: Basis
    span_forms: list[SpanForm]
    addition: AdditionForm | None
    texts: TextsForm
    problems: list[str] = field(default_factory=list)
    blames: list[Blame] = field(default_factory=list)

    @property
    def maker(self) -> str:
        """What made it, for a sentence."""
        return _MAKERS[Method(self.base.method)]

    @property
    def can_change_spans(self) -> bool:
        """Whether phrases can be decided: not without the body, nor in a text that a model wrote as a whole."""
        return self.addition is not None

    @property
    def can_write(self) -> bool:
        """Whether there is anything to be audited by."""
        return bool(self.base.detail_full) and (self.body.text is not None or self.base.status == Status.SUCCESS)

    @property
    def has_errors(self) -> bool:
        """Whether something in a form is marked."""
        forms = [*self.span_forms, *([self.addition] if self.addition else []), self.texts]
        return any(form.is_bound and form.errors for form in forms)

    @property
    def is_refused(self) -> bool:
        """Whether the forms hold what an editor wrote and nothing kept."""
        return self.texts.is_bound

    @property
    def rows(self) -> list[Row]:
        """The texts beside each other; the neutral one alone when the original is gone."""
        body, basis = self.body.text, self.basis
        if body is None:
            return [plain_row(basis.outputs.detail_full)]
        full = basis.outputs.detail_full
        changes = redline(body, full, basis.spans).changes
        return side_by_side(body, full, spans=basis.spans, changes=changes)

    def refuse(self, refusal: Refused) -> None:
        """Show a refusal where it belongs; what the editor wrote stays in the forms."""
        forms = {form.position: form for form in self.span_forms}
        if isinstance(refusal, AuditRefused):
            self.blames = [_blame(verdict, refusal) for verdict in refusal.verdicts]
        elif isinstance(refusal, SpanRefused) and refusal.position in forms:
            forms[refusal.position].add_error(None, str(refusal))
        elif isinstance(refusal, AdditionRefused) and self.addition:
            self.addition.add_error("phrase", str(refusal))
        elif isinstance(refusal, TextRefused):
            self.texts.add_error(refusal.output, str(refusal))
        else:
            self.problems.append(str(refusal))


def _blame(verdict: Verdict, refusal: AuditRefused) -> Blame:
    text = "" if verdict.output is Output.DETAIL_FULL else refusal.texts[verdict.output]
    description = describe(verdict.rule_id)
    return Blame(verdict.output.replace("_", " "), description, verdict.evidence, text)
