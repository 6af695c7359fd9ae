"""Requests of any size."""

import pytest

from egoetl.engines.chat.connection import Connection
from egoetl.engines.chat.credentials import Credentials
from egoetl.testing.chat_answers import Call
from egoetl.testing.chat_server import ChatServer

_MORE_THAN_AIOHTTP_SENDS_AT_ONCE = 3 * 2**20


@pytest.mark.parametrize("size", [1, _MORE_THAN_AIOHTTP_SENDS_AT_ONCE])
async def test_a_body_arrives_whole_and_without_a_warning(size: int) -> None:
    async def answer(call: Call) -> str:
        return str(len(call.body["messages"][0]["content"]))

    with ChatServer(answer, models=None) as server:
        connection = Connection(server.endpoint, Credentials(None), most=1)
        body = b'{"model": "m", "messages": [{"role": "user", "content": "%s"}]}' % (b"x" * size)
        answered = await connection.post("/chat/completions", body, {})
        await connection.close()
    assert answered.status == 200
    assert f'"{size}"'.encode() in answered.body
