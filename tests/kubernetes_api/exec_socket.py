"""`exec`: a command beside a running container, over a websocket of the protocol v4.channel.k8s.io."""

import asyncio
import json
import signal
from collections.abc import Mapping, Sequence

from aiohttp import WSMsgType, web

from kubernetes_api.container import Container
from kubernetes_api.refusals import RefusedError
from kubernetes_api.selectors import is_asked

PROTOCOL = "v4.channel.k8s.io"
STDIN, STDOUT, STDERR, STATUS = 0, 1, 2, 3
BLOCK = 65_536
SEES_PROCESSES = ("kill", "pgrep")


async def run_exec(
    request: web.Request, container: Container, command: Sequence[str], environment: Mapping[str, str], folder: str
) -> web.WebSocketResponse:
    """Run the command with its streams on the channels of a websocket; its exit code comes last, as a Status."""
    if any(word in each for word in SEES_PROCESSES for each in command):
        raise RefusedError(422, "exec: a container has no processes of its own here, and those of the machine are not to be looked for")
    socket = web.WebSocketResponse(protocols=(PROTOCOL,))
    await socket.prepare(request)
    takes_input = is_asked(request.query, "stdin")
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE if takes_input else asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=dict(environment),
        cwd=folder,
    )
    beside = [asyncio.create_task(work) for work in (_pass_input(socket, process, container), _end_with_container(process, container))]
    try:
        await asyncio.gather(_pass_output(socket, process.stdout, STDOUT), _pass_output(socket, process.stderr, STDERR))
        await _send(socket, STATUS, json.dumps(_status(await process.wait())).encode())
    finally:
        for task in beside:
            task.cancel()
        if process.returncode is None:
            process.kill()
            await process.wait()
    await socket.close()
    return socket


async def _pass_input(socket: web.WebSocketResponse, process: asyncio.subprocess.Process, container: Container) -> None:
    async for message in socket:
        typed = message.data.encode() if message.type is WSMsgType.TEXT else message.data
        if any(word.encode() in typed for word in SEES_PROCESSES):
            # So Airflow ends its XCom sidecar: with SIGINT for all that it finds, which here would be the whole machine.
            container.signal(signal.SIGINT)
        elif process.stdin is not None and typed[:1] == bytes([STDIN]):
            process.stdin.write(typed[1:])
            await process.stdin.drain()
    if process.returncode is None:
        process.kill()  # the client is gone


async def _end_with_container(process: asyncio.subprocess.Process, container: Container) -> None:
    await container.ended.wait()
    if process.returncode is None:
        process.kill()


async def _pass_output(socket: web.WebSocketResponse, stream: asyncio.StreamReader | None, channel: int) -> None:
    assert stream is not None
    while block := await stream.read(BLOCK):
        await _send(socket, channel, block)


async def _send(socket: web.WebSocketResponse, channel: int, block: bytes) -> None:
    if not socket.closed:
        await socket.send_bytes(bytes([channel]) + block)


def _status(code: int) -> dict[str, object]:
    if code == 0:
        return {"metadata": {}, "status": "Success"}
    cause = {"reason": "ExitCode", "message": str(code)}
    said = f"command terminated with non-zero exit code: {code}"
    return {"metadata": {}, "status": "Failure", "message": said, "reason": "NonZeroExitCode", "details": {"causes": [cause]}}
