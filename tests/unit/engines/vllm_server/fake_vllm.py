"""Behaves like `vllm serve`, in a moment and without a model: it listens, asks for its key, has a child, and dies when it is told to.

What it does is said by the checkpoint's folder: a file `dies_loading` holds what it writes before it ends, `never_ready` keeps it
loading, `deaf` lets it ignore SIGTERM, and each line of `deaths` lets one server end while it answers, the first line first.
"""

import json
import os
import signal
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path

CHILD = "import signal, sys, time\nif {deaf}: signal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint(flush=True)\ntime.sleep(600)"


def main(arguments: list[str]) -> None:
    assert arguments[0] == "serve"
    folder = Path(arguments[1])
    options = dict(pairwise(arguments))
    (folder / "seen.json").write_text(json.dumps({"arguments": arguments, "environment": dict(os.environ)}))
    deaf = (folder / "deaf").exists()
    if deaf:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    child = subprocess.Popen([sys.executable, "-c", CHILD.format(deaf=deaf)], stdout=subprocess.PIPE)
    assert child.stdout is not None
    child.stdout.readline()
    with (folder / "pids").open("a") as pids:
        pids.write(f"{os.getpid()} {child.pid}\n")
    print("(APIServer pid=1) INFO 11-28 23:14:34 [model.py:733] Resolved architecture: LlamaForCausalLM", flush=True)
    if (said := folder / "dies_loading").exists():
        sys.exit(said.read_text())
    if (folder / "never_ready").exists():
        time.sleep(600)
    serve(folder, options)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    folder: Path
    model: str

    def do_GET(self) -> None:
        if not self.path.startswith("/v1"):
            self.answer(200, {})
        elif self.is_allowed():
            self.answer(200, {"data": [{"id": self.model}]})

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        if self.is_allowed():
            die_if_told(self.folder / "deaths")
            choice = {"message": {"role": "assistant", "content": "answered"}, "finish_reason": "stop"}
            self.answer(200, {"model": self.model, "choices": [choice], "usage": {"prompt_tokens": 1, "completion_tokens": 1}})

    def is_allowed(self) -> bool:
        allowed = self.headers["Authorization"] == f"Bearer {os.environ['VLLM_API_KEY']}"
        if not allowed:
            self.answer(401, {"error": "Unauthorized"})
        return allowed

    def answer(self, status: int, said: object) -> None:
        body = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def serve(folder: Path, options: dict[str, str]) -> None:
    Handler.folder, Handler.model = folder, options["--served-model-name"]
    server = ThreadingHTTPServer((options["--host"], int(options["--port"])), Handler)
    for percent in range(0, 101, 10):
        print(f"Loading safetensors checkpoint shards: {percent}% Completed | 1/1 [00:00<00:00, 95.52it/s]", flush=True)
    server.serve_forever()


def die_if_told(deaths: Path) -> None:
    if deaths.exists() and (left := deaths.read_text().split()):
        deaths.write_text("\n".join(left[1:]))
        os.kill(os.getpid(), int(left[0]))
        time.sleep(600)


if __name__ == "__main__":
    main(sys.argv[1:])
