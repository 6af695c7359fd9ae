#!/usr/bin/env python3
"""Write docker-compose.digests.yml: every image of docker-compose.yml by the digest that its tag has now. Run it where you deploy.

python3 deploy/pin_digests.py
docker compose -f docker-compose.yml -f docker-compose.digests.yml up -d --build

Asks the registries through `docker buildx imagetools`. NOT RUN against a registry where it was written: none is reached from there.
"""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
BASE = re.compile(r"^ARG PYTHON_IMAGE=(\S+)$", re.MULTILINE)


def main() -> None:
    """Pin foreign images in their services, and the base image where we build one ourselves."""
    services = json.loads(asked("compose", "--profile", "gpu", "config", "--format", "json"))["services"]
    digests: dict[str, str] = {}
    pinned = {name: pin(service, digests) for name, service in sorted(services.items())}
    file = ROOT / "docker-compose.digests.yml"
    file.write_text("# Made by deploy/pin_digests.py.\n" + json.dumps({"services": pinned}, indent=2) + "\n", encoding="utf-8")
    for image in digests.values():
        print(image)


def pin(service: dict[str, Any], digests: dict[str, str]) -> dict[str, Any]:
    """What goes over a service: its image with the digest, or the base image that it is built from."""
    if "build" not in service:
        return {"image": with_digest(service["image"], digests)}
    dockerfile = Path(service["build"]["context"], service["build"]["dockerfile"])
    base = BASE.findall(dockerfile.read_text(encoding="utf-8"))[0]
    return {"build": {"args": {"PYTHON_IMAGE": with_digest(base, digests)}}}


def with_digest(image: str, digests: dict[str, str]) -> str:
    """`registry/name:tag@sha256:...`; asked once for each image."""
    if image not in digests:
        manifest = json.loads(asked("buildx", "imagetools", "inspect", image, "--format", "{{json .Manifest}}"))
        digests[image] = f"{image}@{manifest['digest']}"
    return digests[image]


def asked(*arguments: str) -> str:
    """What docker says; what it complains about goes to the screen."""
    return subprocess.run(["docker", *arguments], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


if __name__ == "__main__":
    main()
