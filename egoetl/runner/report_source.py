"""Where a report comes from: a file of its own, or a run that the lineage database knows."""

from pathlib import Path

import pydantic

from egoetl.core.errors import CallerError, DataError
from egoetl.core.evaluation import Report


def report_from(name: str) -> Report:
    """The report in a file, or of the run of that name.

    Raises:
        CallerError: `report_unknown`, there is neither such a file nor such a run.
        DataError: `report_unreadable`, the file holds no report.
    """
    file = Path(name)
    if file.is_file():
        return read_report(file)
    if file.suffix == ".json" or len(file.parts) > 1:
        raise CallerError(
            f"There is no file {name}; give the JSON that `egoetl eval` wrote, or the name of a run.", reason="report_unknown"
        )
    from egoetl.core.settings import load_settings
    from egoetl.runner.evaluations import report_of
    from egoetl.runner.tools import Tools

    return report_of(Tools(load_settings()), name)


def read_report(file: Path) -> Report:
    """The report in a file. Raises DataError `report_unreadable`."""
    try:
        return parse_report(file.read_bytes(), str(file))
    except OSError as error:
        raise DataError(f"{file} cannot be read: {error.strerror}.", reason="report_unreadable") from error


def parse_report(data: bytes, name: str) -> Report:
    """The report that bytes hold. Raises DataError `report_unreadable`, with the place of the first fault."""
    try:
        return Report.model_validate_json(data)
    except pydantic.ValidationError as error:
        fault = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(each) for each in fault["loc"]) or "the file"
        raise DataError(
            f"{name} holds no report of an evaluation ({where}: {fault['msg']}); give what `--json` of an evaluation wrote.",
            reason="report_unreadable",
        ) from error
