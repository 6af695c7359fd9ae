"""What evaluations bring: questions of a row, and scores. The statements are in the folder of the same name."""

from pathlib import Path

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for file in sorted(Path(__file__).with_suffix("").glob("*.sql")):
        op.get_bind().exec_driver_sql(file.read_text(encoding="utf-8"), execution_options={"no_parameters": True})
