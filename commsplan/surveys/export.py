"""A survey's figures as rows for a spreadsheet: exactly what the page shows."""

from __future__ import annotations

from collections.abc import Iterator

from flask_babel import gettext as _

from commsplan.foundation.shares import Share
from commsplan.surveys.models import Survey
from commsplan.surveys.results import Results


def rows_of(survey: Survey, results: Results) -> Iterator[list[str]]:
    """Yield a heading and one row for each figure; what is hidden on the page is not here."""
    share = (_("Share"), _("From"), _("To"))
    yield [_("Question"), _("Group"), _("Answer"), _("Count"), _("Of"), *share]
    for outcome in results.outcomes:
        words = outcome.question.words
        for bar in outcome.bars:
            yield [words, "", bar.label, str(bar.count), str(bar.total), *_parts(bar.share)]
        for comment, times in outcome.comments:
            yield [words, "", comment, str(times)]
    for line in results.groups:
        name = _("Smaller groups together") if line.name is None else line.name
        for question, figure in zip(survey.questions, line.figures, strict=True):
            if figure is not None:
                yield [question.words, name, "", "", str(line.answers), f"{figure:.4f}"]


def _parts(share: Share | None) -> list[str]:
    return [f"{part:.4f}" for part in (share.value, share.low, share.high)] if share else []
