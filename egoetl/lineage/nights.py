"""On which day a dataset first saw each manifest row."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select, text
from sqlalchemy.engine import Connection

from egoetl.core.records import ManifestRow
from egoetl.lineage import bulk
from egoetl.lineage.tables.builds import registered_row

_COLUMNS = ("dataset", "video_id", "start_ms", "end_ms", "night")


def rows_of_night(
    connection: Connection, dataset: str, rows: Sequence[ManifestRow], night: date, today: date
) -> tuple[list[ManifestRow], bool]:
    """The rows that belong to a night, and whether it is the newest one; rows not seen before are registered."""
    table = registered_row.c
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('lineage.night'), hashtext(:dataset))"), {"dataset": dataset})
    latest = connection.execute(select(func.max(table.night)).where(table.dataset == dataset)).scalar()
    newest = latest is None or latest <= night
    registered = night if newest else today
    bulk.merge(connection, registered_row, _COLUMNS, [(dataset, *_window(each), registered) for each in rows])
    found = connection.execute(select(table.video_id, table.start_ms, table.end_ms).where(table.dataset == dataset, table.night == night))
    chosen = {tuple(each) for each in found}
    return [each for each in rows if _window(each) in chosen], newest


def _window(row: ManifestRow) -> tuple[str, int, int]:
    return row.video_id, row.start_ms, row.end_ms
