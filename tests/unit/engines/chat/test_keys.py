"""A planted key goes to the endpoint and nowhere else."""

import logging
import pickle
import traceback
from pathlib import Path
from urllib.parse import quote

import pytest

from egoetl.core.errors import ConfigError
from egoetl.core.ports import Reply
from egoetl.engines.chat.credentials import Credentials
from egoetl.testing.chat_answers import Answer, Call, Failed, Said
from egoetl.testing.chat_samples import ANSWER, a_request, an_engine
from egoetl.testing.chat_server import ChatServer

KEY = 'sk-planted/0123"456+789'
VARIABLE = "EGOETL_TEST_KEY"


@pytest.fixture(autouse=True)
def planted(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setenv(VARIABLE, KEY)
    monkeypatch.delenv("EGOETL_SECRETS_FOLDER", raising=False)
    caplog.set_level(logging.DEBUG)


async def asked(answer: str | Answer, *, key: str = KEY) -> Reply:
    async def responder(_: Call) -> str | Answer:
        return answer

    with ChatServer(responder, key=key) as server:
        engine = an_engine(server.endpoint, api_key=VARIABLE)
        try:
            return await engine.ask(a_request())
        finally:
            assert KEY not in repr(engine) + repr(vars(engine))
            await engine.close()


async def test_the_key_that_a_variable_holds_goes_along(caplog: pytest.LogCaptureFixture) -> None:
    reply = await asked(ANSWER)
    assert reply.status == "ok"
    assert KEY not in caplog.text


async def test_a_file_of_the_folder_of_secrets_serves_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE)
    monkeypatch.setenv("EGOETL_SECRETS_FOLDER", str(tmp_path))
    (tmp_path / VARIABLE.lower()).write_text(KEY + "\n", encoding="utf-8")
    assert (await asked(ANSWER)).status == "ok"


@pytest.mark.parametrize("echoed", [KEY, quote(KEY, safe="")])
@pytest.mark.parametrize("status", [400, 422, 500])
async def test_a_server_that_echoes_the_key_is_not_quoted(echoed: str, status: int, caplog: pytest.LogCaptureFixture) -> None:
    reply = await asked(Failed(status, f"bad header: Bearer {echoed}"))
    assert reply.status == "server_error"
    assert "bad header: Bearer [key]" in reply.detail
    assert echoed not in reply.model_dump_json() + caplog.text


async def test_a_completion_that_echoes_the_key_is_kept_without_it() -> None:
    reply = await asked(Said(f"the key is {KEY}", model=KEY))
    assert (reply.status, reply.text, reply.model) == ("other_model", "the key is [key]", "[key]")


async def test_a_refused_key_is_named_by_its_variable(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(ConfigError, match=f"refuses the key in {VARIABLE}") as refused:
        await asked(ANSWER, key="another")
    assert refused.value.reason == "endpoint_refuses_key"
    told = "".join(traceback.format_exception(refused.value)) + str(pickle.dumps(refused.value.args)) + caplog.text
    assert KEY not in told


async def test_a_refused_key_is_told_where_only_questions_want_one() -> None:
    with pytest.raises(ConfigError) as refused:
        await asked(Failed(403, f"{KEY} may not use this model"))
    assert refused.value.reason == "endpoint_refuses_key"
    assert KEY not in str(refused.value)


async def test_an_endpoint_that_wants_a_key_says_where_to_name_it() -> None:
    async def responder(_: Call) -> str:
        return ANSWER

    with ChatServer(responder, key=KEY) as server:
        engine = an_engine(server.endpoint)
        with pytest.raises(ConfigError, match="name its variable as `api_key`"):
            await engine.ask(a_request())
        await engine.close()


@pytest.mark.parametrize(("value", "reason"), [(None, "api_key_missing"), (" \n", "api_key_missing"), ("sk-\nsplit", "api_key_invalid")])
async def test_a_key_that_is_none_is_told_by_its_variable(value: str | None, reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE) if value is None else monkeypatch.setenv(VARIABLE, value)
    engine = an_engine("http://127.0.0.1:9/v1", api_key=VARIABLE)
    with pytest.raises(ConfigError, match=VARIABLE) as missing:
        await engine.ask(a_request())
    assert missing.value.reason == reason
    assert "split" not in str(missing.value)


@pytest.mark.parametrize("name", ["../secret", "/etc/hostname"])
async def test_a_name_leads_nowhere_but_into_the_folder(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret").write_text(KEY, encoding="utf-8")
    (tmp_path / "folder").mkdir()
    monkeypatch.setenv("EGOETL_SECRETS_FOLDER", str(tmp_path / "folder"))
    with pytest.raises(ConfigError) as missing:
        Credentials.of(name)
    assert missing.value.reason == "api_key_missing"


@pytest.mark.parametrize(
    "address", ["http://user:word@host/v1", "https://host/v1?key=word", "host/v1", "ftp://host/v1", "https:///v1", None]
)
def test_an_address_with_a_password_is_refused_unseen(address: str | None) -> None:
    with pytest.raises(ConfigError) as refused:
        an_engine(address)
    assert refused.value.reason == "endpoint_invalid"
    assert "word" not in str(refused.value)
