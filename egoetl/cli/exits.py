"""Errors to exit codes: one sentence for whoever must act, no traceback for a person's mistake."""

import json
import logging
import os
import sys
from collections.abc import Callable
from typing import Any, NoReturn

import typer

from egoetl.cli.last_word import leave_last_word
from egoetl.core.errors import CallerError, EgoetlError, InternalError, TryAgainError, describe

_log = logging.getLogger(__name__)
INTERRUPTED = TryAgainError.exit_code
INTERRUPTION = "interrupted; what was committed stays, run the same command again to go on."


def run_command(command: Callable[[], Any]) -> NoReturn:
    """Run a command and exit with the code of the house: 0, 64 caller, 65 data, 70 our bug, 75 try again, 78 configuration."""
    try:
        command()
        sys.stdout.flush()
    except EgoetlError as error:
        _end(error.exit_code, str(error))
    except typer.TyperException as error:
        _end(CallerError.exit_code, _usage(error))
    except typer.Exit as asked:
        _end(asked.exit_code)
    except BrokenPipeError:
        _end_unheard()
    except SystemExit as asked:
        # Rich makes a closed pipe an exit with 1.
        if isinstance(asked.__context__, BrokenPipeError):
            _end_unheard()
        raise
    except (KeyboardInterrupt, typer.Abort):
        print(f"egoetl: {INTERRUPTION}", file=sys.stderr, flush=True)
        leave_last_word(INTERRUPTION)
        # Threads that decode, or wait for a database that is away, would be waited for: a second Ctrl-C must suffice.
        os._exit(INTERRUPTED)
    except Exception as error:  # noqa: BLE001 - the boundary of the process: a defect shows its traceback and has an exit code of its own
        _log.exception("egoetl: this is a defect of egoetl; please report it with the lines below.")
        leave_last_word(f"a defect of egoetl: {describe(error)[2]}")
        _end(InternalError.exit_code)
    _end(0)


def print_json(value: Any) -> None:
    """One JSON object on one line of standard output."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=str) + "\n")
    sys.stdout.flush()


def _end(code: int, sentence: str = "") -> NoReturn:
    if sentence:
        print(f"egoetl: {sentence}", file=sys.stderr)
        leave_last_word(sentence)
    sys.exit(code)


def _end_unheard() -> NoReturn:
    """End quietly: a reader that goes away, such as `head`, has seen enough."""
    # What is left in the buffer must not fail at exit.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    _end(0)


def _usage(error: typer.TyperException) -> str:
    """What is wrong with the command line, and where to read what it takes; nothing where the help was shown already."""
    message = " ".join(error.format_message().split()).rstrip(".")
    command = getattr(getattr(error, "ctx", None), "command_path", "egoetl")
    return f"{message}; `{command} --help` shows what it takes." if message else ""
