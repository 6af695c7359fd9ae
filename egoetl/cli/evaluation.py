"""`egoetl eval`: models on benchmarks, predictions that others made, and what their scores are worth."""

import typer

from egoetl.cli.eval_agree import agree
from egoetl.cli.eval_browse import browse
from egoetl.cli.eval_compare import compare
from egoetl.cli.eval_report import report
from egoetl.cli.eval_run import eval_plan, eval_run
from egoetl.cli.eval_score import score

app = typer.Typer(help="Evaluate models on benchmarks.", no_args_is_help=True)
app.command("run")(eval_run)
app.command("plan")(eval_plan)
app.command("score")(score)
app.command("compare")(compare)
app.command("report")(report)
app.command("browse")(browse)
app.command("agree")(agree)
