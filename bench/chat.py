"""What asking a model costs the client: CPU a request with 256 in flight, against a local server that answers after 20 ms.

Ours is the whole way from a request's record to a judged reply. The anchors are AsyncOpenAI as it comes, which most pipelines use, and
aiohttp with orjson alone, which is the least that a request can cost with our library. Every client is a process of its own and
takes turns with the others; the least of the repeats counts, because a busy machine only ever adds.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from chat_client import CLIENTS
from ratio_table import Row, report

HERE = Path(__file__).parent
LATENCY_SECONDS = 0.02


def measure(arguments: argparse.Namespace) -> Sequence[Row]:
    """CPU of the client for a request, with 256 requests in flight."""
    with instant_server() as port:
        rounds = [{client: _run(client, port, arguments.requests) for client in CLIENTS} for _ in range(arguments.repeats)]
    cpu, wall = ({client: min(each[client][unit] for each in rounds) for client in CLIENTS} for unit in ("cpu_ms", "wall_ms"))
    openai, floor = f"AsyncOpenAI {version('openai')}", f"aiohttp {version('aiohttp')} and orjson alone"
    return [
        Row("a request", cpu["egoetl"], cpu["openai"], "CPU ms", openai, 0.2),
        Row("a request", cpu["egoetl"], cpu["aiohttp"], "CPU ms", floor, 3.0),
        Row("requests a second, one process", 1000 / wall["egoetl"], 1000 / wall["openai"], "1/s", openai, 3.0, "at least"),
    ]


@contextmanager
def instant_server() -> Iterator[int]:
    """The server, in a process of its own; gives its port."""
    command = [sys.executable, str(HERE / "chat_instant.py"), str(LATENCY_SECONDS)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield int(server.stdout.readline())
        server.communicate()


def _run(client: str, port: int, requests: int) -> dict[str, float]:
    command = [sys.executable, str(HERE / "chat_client.py"), client, str(port), str(requests)]
    measured: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    print(f"{client}: {measured['cpu_ms']:.3f} CPU ms, {measured['wall_ms']:.3f} ms a request", file=sys.stderr)
    return measured


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=measure.__doc__)
    parser.add_argument("--requests", type=int, default=4096, help="requests of one run")
    parser.add_argument("--repeats", type=int, default=3, help="runs of each client; the least counts")
    report("chat", measure, parser)
