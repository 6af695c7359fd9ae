"""Errors to exit codes: one sentence for whoever must act, no traceback for a person's mistake."""

import json
import logging
import sys
from collections.abc import Callable
from typing import Any, NoReturn

from egoetl.core.errors import EgoetlError, InternalError

_log = logging.getLogger(__name__)
INTERRUPTED = 75


def run_command(command: Callable[[], Any]) -> NoReturn:
    """Run a command and exit with the code of the house: 0, 64 caller, 65 data, 70 our bug, 75 try again, 78 configuration."""
    try:
        command()
    except EgoetlError as error:
        print(f"egoetl: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        print("egoetl: interrupted; what was committed stays, run the same command again to go on.", file=sys.stderr)
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except Exception:  # noqa: BLE001 - the boundary of the process: a defect shows its traceback and has an exit code of its own
        _log.exception("egoetl: this is a defect of egoetl; please report it with the lines below.")
        sys.exit(InternalError.exit_code)
    sys.exit(0)


def print_json(value: Any) -> None:
    """One JSON object on one line of standard output."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=str) + "\n")
    sys.stdout.flush()
