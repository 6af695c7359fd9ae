"""The body of a chat completion's request."""

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from egoetl.core.models import ModelSpec
from egoetl.core.ports import Request
from egoetl.core.replies import PlainReply
from egoetl.engines.chat.content import Content
from egoetl.engines.chat.dialect import Dialect
from egoetl.engines.chat.wire_schema import wire_schema

if TYPE_CHECKING:
    import orjson

_LONGEST_NAME = 64
_LONGEST_ID = 200


def body_of(request: Request, content: Content, spec: ModelSpec, dialect: Dialect) -> bytes:
    """The request as JSON. Fields of `spec.extra_body` go before ours. Where plain text is asked for, no shape of it is."""
    import orjson

    sampling = request.sampling
    body: dict[str, Any] = {
        "model": spec.model,
        "messages": content.messages,
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        dialect.limit: sampling.max_tokens,
    }
    if not issubclass(request.schema, PlainReply):
        body["response_format"] = _response_format(request.schema, bounds=dialect.bounds)
    if dialect.seed:
        body["seed"] = sampling.seed
    return orjson.dumps(body | content.fields | spec.extra_body)


def request_id(request: Request) -> str:
    """The request's name as a header may carry it: what is not printable ASCII becomes `_`."""
    return re.sub(r"[^\x21-\x7e]", "_", request.name)[:_LONGEST_ID]


@cache
def _response_format(schema: type[BaseModel], *, bounds: bool) -> "orjson.Fragment":
    """Written once for all requests of a schema."""
    import orjson

    name = re.sub(r"[^A-Za-z0-9_-]", "_", schema.__name__)[:_LONGEST_NAME]
    described = {"name": name, "strict": True, "schema": wire_schema(schema, bounds=bounds)}
    return orjson.Fragment(orjson.dumps({"type": "json_schema", "json_schema": described}))
