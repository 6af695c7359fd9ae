"""The page of one evaluation: one HTML file that holds everything, runs nothing and asks nobody."""

import base64
from collections import Counter
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from egoetl import __version__
from egoetl.core.errors import CallerError
from egoetl.core.evaluation import AnswerStatus, Report, Spans
from egoetl.core.media_port import Media
from egoetl.core.records import Record
from egoetl.metrics.agreement import Statistic
from egoetl.runner.agreeing import Compared, LengthTie, compare, judge_of, judges_of, length_ties
from egoetl.runner.evaluation_videos import EvaluationVideos
from egoetl.runner.report_page.axes import measures, of_measure, shown
from egoetl.runner.report_page.figures import bars_of, radar_of
from egoetl.runner.report_page.selection import suspicious, worst
from egoetl.runner.report_page.strips import Strip, strip_of

if TYPE_CHECKING:
    import jinja2

_SUSPICIOUS_SHOWN = 50


class WrittenPage(Record):
    """A page that was written. `without_pictures` counts the worst answers whose video gave none, by reason."""

    html: str
    size_bytes: int
    worst: tuple[str, ...]
    pictures: int
    without_pictures: dict[str, int]


def write_page(report: Report, out: Path, videos: EvaluationVideos | None, media: Media) -> WrittenPage:
    """Write the page of a report; with `videos`, pictures of the worst answers' stretches. Raises CallerError `page_not_written`."""
    strips = {} if videos is None else {each.item.question.question_id: strip_of(each.item, videos, media) for each in worst(report)}
    page = render(report, strips)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(page, encoding="utf-8")
    except OSError as error:
        raise CallerError(f"{out} cannot be written: {error.strerror}; name another file.", reason="page_not_written") from error
    return WrittenPage(
        html=str(out),
        size_bytes=out.stat().st_size,
        worst=tuple(each.item.question.question_id for each in worst(report)),
        pictures=sum(len(each.pictures) for each in strips.values()),
        without_pictures=dict(sorted(Counter(each.reason for each in strips.values() if not each.pictures).items())),
    )


def render(report: Report, strips: Mapping[str, Strip]) -> str:
    """The page's HTML. Whatever a report says is text in it: the templates escape everything."""
    compared = _compared(report)
    return (
        _templates()
        .get_template("report.html.j2")
        .render(
            report=report,
            version=__version__,
            videos=len({each.question.video_id for each in report.items}),
            answered=report.counts.get("answered", 0),
            counts=[(status, report.counts.get(status, 0)) for status in get_args(AnswerStatus)],
            reasons=_reasons(report),
            groups=bars_of(report),
            over_tasks=radar_of(report),
            legacy=[each for measure in measures(report) for each in of_measure(report, measure) if each.legacy is not None],
            compared=compared,
            order_dependent=sum(any(grade.consistent is False for grade in each.grades) for each in report.items),
            lengths=compared.lengths if compared else _lengths(report),
            suspicious=suspicious(report)[:_SUSPICIOUS_SHOWN],
            worst=worst(report),
            strips=strips,
        )
    )


def _reasons(report: Report) -> list[tuple[str, int]]:
    """Why questions have no answer, the most frequent first."""
    counted = Counter(f"{each.status}: {each.reason or 'no reason given'}" for each in report.items if each.status != "answered")
    return sorted(counted.items(), key=lambda each: (-each[1], each[0]))


def _compared(report: Report) -> Compared | None:
    judges = judges_of(report)
    if len(judges) < 2:
        return None
    return compare(report, judge_of(report, "this report"), judge_of(report, "this report", judges[1]))


def _lengths(report: Report) -> tuple[LengthTie, ...]:
    return tuple(length_ties(report, judge_of(report, "this report"))) if judges_of(report) else ()


@cache
def _templates() -> "jinja2.Environment":
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    helpers: dict[str, Any] = {"shown": shown, "signed": _signed, "statistic": _statistic, "spans": _spans, "jpeg_uri": _jpeg_uri}
    environment.globals.update(helpers)
    return environment


def _signed(value: float, scale: float) -> str:
    text = shown(value, scale)
    return text if value < 0 else f"+{text}"


def _statistic(of: Statistic) -> str:
    if of.value is None:
        return "–"
    return f"{of.value:.2f}" + ("" if of.low is None or of.high is None else f" ({of.low:.2f} to {of.high:.2f})")


def _spans(spans: Spans) -> str:
    return ", ".join(f"{start:g} to {end:g}" for start, end in spans)


def _jpeg_uri(jpeg: bytes) -> str:
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"
