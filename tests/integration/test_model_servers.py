"""The servers that other tests ask: they answer with strict JSON, processes share them, and none is left behind."""

import base64
import io
import json
import signal
import subprocess
import sys
import urllib.error
import urllib.request
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from inference.servers import ModelServer
from inference.tiny import Checkpoints
from jsonschema import validate
from openai import OpenAI

pytestmark = [pytest.mark.slow, pytest.mark.needs("models")]
ROOT = Path(__file__).parents[2]
SCHEMA = {
    "type": "object",
    "properties": {
        "caption": {"type": "string", "maxLength": 40},
        "objects": {"type": "array", "items": {"type": "string", "maxLength": 12}, "maxItems": 3},
    },
    "required": ["caption", "objects"],
    "additionalProperties": False,
}
USER = """
import sys
from pathlib import Path
from inference.servers import shared_server

with shared_server("tiny-llama", Path(sys.argv[1]), Path(sys.argv[2])) as server:
    print(server.keeper, server.endpoint, flush=True)
    sys.stdin.read()
"""


def ask(server: ModelServer, *parts: dict[str, Any], **more: Any) -> Any:
    """One request whose reply must be the schema's; returns the reply."""
    told = {"type": "json_schema", "json_schema": {"name": "caption", "schema": SCHEMA, "strict": True}}
    messages: Any = [{"role": "user", "content": [*parts, {"type": "text", "text": "Describe it."}]}]
    with OpenAI(base_url=server.endpoint, api_key=server.api_key, max_retries=0) as client:
        reply = client.chat.completions.create(
            model=server.model, messages=messages, max_tokens=400, temperature=1, seed=3, response_format=told, **more
        )
    validate(json.loads(reply.choices[0].message.content), SCHEMA)
    return reply


def silence(seconds: int) -> dict[str, Any]:
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(16_000)
        sound.writeframes(bytes(2 * 16_000 * seconds))
    return {"type": "input_audio", "input_audio": {"data": base64.b64encode(file.getvalue()).decode(), "format": "wav"}}


def picture(grey: int) -> str:
    """A grey JPEG of 320 by 240 pixels, base64."""
    import numpy as np
    import simplejpeg

    return base64.b64encode(simplejpeg.encode_jpeg(np.full((240, 320, 3), grey, np.uint8))).decode()


def test_a_text_model_answers_in_the_schema(llama_server: ModelServer) -> None:
    reply = ask(llama_server)
    assert (reply.model, reply.choices[0].finish_reason) == (llama_server.model, "stop")


def test_an_omni_model_hears_25_tokens_a_second(omni_server: ModelServer) -> None:
    without, with_sound = ask(omni_server), ask(omni_server, silence(4))
    assert with_sound.usage.prompt_tokens - without.usage.prompt_tokens == 4 * 25 + len(["<|audio_bos|>", "<|audio_eos|>"])


def test_a_vision_model_sees_a_token_for_28_by_28_pixels_of_two_frames(vl_server: ModelServer) -> None:
    frames = ",".join(picture(grey) for grey in (0, 80, 160, 240))
    video = {"type": "video_url", "video_url": {"url": f"data:video/jpeg;base64,{frames}"}}
    without, with_video = ask(vl_server), ask(vl_server, video)
    assert with_video.usage.prompt_tokens - without.usage.prompt_tokens == 2 * (308 // 28) * (252 // 28) + 2


def test_processes_share_a_server_and_the_last_to_go_ends_it_even_if_killed(
    tiny_checkpoints: Checkpoints, tmp_path: Path, patiently: Callable[..., None]
) -> None:
    command = [sys.executable, "-c", USER, str(tiny_checkpoints.llama), str(tmp_path)]
    pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": ROOT / "tests"}
    with subprocess.Popen(command, **pipes) as first, subprocess.Popen(command, **pipes) as second:
        told = first.stdout.readline()
        assert told == second.stdout.readline()
        keeper, endpoint = told.split()
        serving = [psutil.Process(int(keeper)), *psutil.Process(int(keeper)).children(recursive=True)]
        first.communicate()
        assert answers(endpoint)
        second.send_signal(signal.SIGKILL)
    patiently(lambda: not any(each.is_running() for each in serving), seconds=60)
    assert len(serving) > 2  # the keeper, the server, its engine
    assert not answers(endpoint)


def answers(endpoint: str) -> bool:
    """Whether somebody is there; without the key that is a refusal."""
    try:
        with urllib.request.urlopen(f"{endpoint}/models", timeout=10):
            return True
    except urllib.error.HTTPError:
        return True
    except urllib.error.URLError:
        return False
