"""Where vLLM is: in an environment of its own, never beside Airflow."""

import sys
from pathlib import Path

import egoetl
from egoetl.core.errors import ConfigError

MODELS_ENVIRONMENT = Path(egoetl.__file__).parents[1] / ".venv-models"
"""What `make models` makes in a checkout."""


def vllm_of(python: Path | None) -> Path:
    """The command `vllm` beside an interpreter; None: beside the running one, else in the checkout's environment for models.

    Raises ConfigError `vllm_missing`.
    """
    folders = [python.parent] if python else [Path(sys.executable).parent, MODELS_ENVIRONMENT / "bin"]
    for folder in folders:
        if (command := folder / "vllm").is_file():
            return command
    raise ConfigError(
        f"There is no command `vllm` in {' or '.join(map(str, folders))}; run `make models`, or let EGOETL_VLLM_PYTHON name the "
        "interpreter of an environment that has vLLM.",
        reason="vllm_missing",
    )
