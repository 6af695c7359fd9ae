"""`egoetl eval score`: predictions that others made, scored."""

from pathlib import Path
from typing import Annotated

import typer


def score(
    file: Annotated[Path, typer.Argument(help="Predictions as JSON or JSON lines, in the shape of EgoAVU, EgoTextVQA, EVQA or lmms-eval.")],
    bench: Annotated[str, typer.Option(metavar="B", help="Name of the benchmark, such as egotextvqa.")],
    data: Annotated[
        str | None,
        typer.Option(
            metavar="PATH", help="Folder or s3://bucket/prefix with the benchmark's published files. Left out: the file says what is right."
        ),
    ] = None,
    masks: Annotated[str | None, typer.Option(metavar="DIR", help="Folder or s3://bucket/prefix with predicted masks.")] = None,
    key: Annotated[str | None, typer.Option(metavar="NAME", help="The field with the model's answer, where several may be it.")] = None,
    out: Annotated[Path | None, typer.Option(metavar="REPORT.json", help="Write the report here, for `eval compare` and others.")] = None,
    csv: Annotated[Path | None, typer.Option(metavar="DIR", help="Write the scores here as CSV, also as the source systems do.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the report as one JSON object.")] = False,
) -> None:
    """Score a file of predictions: by task, with intervals, coverage, and what the benchmark's own scorer prints."""
    from egoetl.benchmarks.index import load
    from egoetl.cli.exits import print_json
    from egoetl.cli.report_table import print_report
    from egoetl.core.settings import load_settings
    from egoetl.runner.score_files import write_report, write_tables
    from egoetl.runner.scoring_file import Given, score_file
    from egoetl.runner.tools import Tools

    report = score_file(Tools(load_settings()), load(bench), file, Given(data, masks, key))
    if out is not None:
        write_report(report, out)
    if csv is not None:
        write_tables(report, csv)
    if json:
        print_json(report.model_dump(mode="json"))
    else:
        print_report(report)
