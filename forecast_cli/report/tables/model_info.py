"""Show the description of a model that its bundle contains: as sentences, as rows of names and values, or as JSON."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

from forecast_cli.panel.covariates import KIND_WORDS
from forecast_cli.panel.panel import UNDATED
from forecast_cli.panel.reading import STDIN
from forecast_cli.report.tables.result import Result
from forecast_cli.report.tables.table import WIDTH, Cell, Column
from forecast_cli.report.tables.times import frequency_text
from forecast_cli.words import counted, seasons_text

if TYPE_CHECKING:
    from forecast_cli.models.card import HoldoutScore, ModelCard
    from forecast_cli.workflows import ModelInfo

COMPARED_WITH = "seasonal-naive"
"""The model whose accuracy is shown next to that of the trained model."""


def result_of(info: ModelInfo) -> Result:
    """The result of the command `info`.

    The text has a few sentences. CSV has one row for each fact, with a name such as "data.series". JSON has the same
    facts as nested objects.
    """
    rows = list(_flat(info.facts))
    table = [Column("name", [name for name, _ in rows]), Column("value", [fact for _, fact in rows])]
    return Result(table, text=_text(info.card), document=info.facts)


def _text(card: ModelCard) -> str:
    """The text: paragraphs on the model, the data it was trained on, its accuracy, and when it was trained."""
    about = {"Model": _model(card), "Data": _data(card), "Accuracy": _accuracy(card), "Trained": _training(card)}
    if card.data.covariates:
        about["Covariates"] = ", ".join(f"{each.name} ({KIND_WORDS[each.kind]})" for each in card.data.covariates)
    width = max(map(len, about)) + 2
    indent = " " * width
    paragraphs = [
        textwrap.fill(
            f"{name:{width}}{said}", WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
        )
        for name, said in about.items()
    ]
    return "".join(f"{paragraph}\n" for paragraph in paragraphs)


def _model(card: ModelCard) -> str:
    from forecast_cli.models.description import in_words

    parts, reason = card.description.parts, card.description.reason
    consists = "" if card.name in parts else f": {in_words(parts)}"
    because = f" {reason}" if reason else ""
    return f"{card.name}, for {counted(card.horizon, 'step')} ahead{consists}.{because}"


def _data(card: ModelCard) -> str:
    data = card.data
    source = "standard input" if data.source == STDIN else data.source
    series = "one series" if data.series == 1 else f"{data.series:,} series"
    steps = "counted steps" if data.freq == UNDATED else frequency_text(data.freq)
    windows = card.description.windows
    season = seasons_text((data.season_length, *(windows.long_seasons if windows else ())))
    points = counted(data.points, "point")
    return f"{source}: {series}, {points} from {data.first} to {data.last}, {steps}, {season}."


def _accuracy(card: ModelCard) -> str:
    """Sentences on the accuracy of the model on the holdout: its scores, those of COMPARED_WITH, and which method was
    better, if any."""
    scores = {score.model: score for score in card.scores}
    if card.name not in scores:
        return "unknown: no steps were held out."
    compared = scores.get(COMPARED_WITH) if card.name != COMPARED_WITH else None
    against = f"; {COMPARED_WITH}: {_figures(compared)}" if compared else ""
    verdict = f" {card.summary['verdict']}" if card.summary.get("verdict") else ""
    steps = counted(int(card.summary.get("holdout", card.horizon)), "step")
    return f"{_figures(scores[card.name])} on the last {steps}, held out{against}.{verdict}"


def _figures(score: HoldoutScore) -> str:
    from forecast_cli.evaluation.metrics import METRICS

    figures = {"mase": score.mase, "smape": score.smape}
    known = {METRICS[name]: figure for name, figure in figures.items() if figure is not None}
    return ", ".join(f"{metric.heading} {metric.text(figure)}" for metric, figure in known.items()) or "no figures"


def _training(card: ModelCard) -> str:
    seconds = card.summary.get("seconds")
    took = f", in {seconds:.0f} s" if seconds is not None else ""
    return f"{card.created:%Y-%m-%d %H:%M} UTC{took}."


def _flat(facts: dict[str, object], prefix: str = "") -> Iterator[tuple[str, Cell]]:
    """Yield all facts as (name, value), with names such as "data.series".

    facts:  name -> value. A value can be a dict of further facts, or a list of such dicts: their names then contain
            their numbers, from 1, as in "data.covariates.1.kind"
    prefix: the beginning of all names
    """
    for name, fact in facts.items():
        match fact:
            case dict():
                yield from _flat(fact, f"{prefix}{name}.")
            case [dict(), *_]:
                yield from _flat({str(number): item for number, item in enumerate(fact, 1)}, f"{prefix}{name}.")
            case _:
                yield prefix + name, _cell(fact)


def _cell(fact: object) -> Cell:
    match fact:
        case list() | tuple():
            return ", ".join(map(str, fact))
        case str() | int() | float() | None:
            return fact
        case _:
            return str(fact)
