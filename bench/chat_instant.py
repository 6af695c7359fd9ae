"""A chat server that answers every request after the same time, for bench/chat.py: `python bench/chat_instant.py SECONDS`.

It is written on bare asyncio so that it takes as little of the machine as possible from the clients that are measured. It prints
its port, and ends when its standard input does.
"""

import asyncio
import json
import sys

MODEL = "instant"
ANSWER = {
    "interacted_objects": [{"start_s": 1.0, "end_s": 2.5, "object": "drawer", "action": "opens", "actor": "left hand"}],
    "non_interacted_objects": ["kettle", "window", "chopping board"],
    "sounds": [{"start_s": 1.1, "end_s": 2.4, "sound": "wood sliding", "category": "action", "source": "drawer", "grounding": "opens"}],
}
"""Of the schema ContextGraphReply."""
_MESSAGE = {"role": "assistant", "content": json.dumps(ANSWER), "refusal": None, "reasoning": None, "tool_calls": []}
_COMPLETION = {
    "id": "chatcmpl-0", "object": "chat.completion", "created": 0, "model": MODEL,
    "choices": [{"index": 0, "message": _MESSAGE, "finish_reason": "stop", "logprobs": None}],
    "usage": {"prompt_tokens": 400, "completion_tokens": 120, "total_tokens": 520, "prompt_tokens_details": None},
}  # fmt: skip
_MODELS = {"object": "list", "data": [{"id": MODEL, "object": "model", "root": MODEL}]}


def _response(body: object) -> bytes:
    written = json.dumps(body).encode()
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(written), written)


class Instant(asyncio.Protocol):
    """One connection; requests come one after another, as HTTP clients send them."""

    completion = _response(_COMPLETION)
    models = _response(_MODELS)

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._came = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where to answer."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer once a request is whole."""
        self._came += data
        head, found, body = self._came.partition(b"\r\n\r\n")
        if not found or len(body) < _length(head):
            return
        answer = self.models if head.startswith(b"GET") else self.completion
        self._came.clear()
        asyncio.get_running_loop().call_later(self._seconds, self._transport.write, answer)


def _length(head: bytearray) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


async def serve(seconds: float) -> None:
    """Serve until standard input ends."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Instant(seconds), "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(serve(float(sys.argv[1])))
