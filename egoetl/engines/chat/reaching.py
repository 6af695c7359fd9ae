"""Whether an endpoint answers, takes its key and serves a model, without asking the model anything."""

from egoetl.core.errors import TryAgainError
from egoetl.core.models import ModelSpec
from egoetl.engines.chat.credentials import Credentials
from egoetl.engines.chat.endpoint import Endpoint
from egoetl.engines.chat.retrying import Backoff
from egoetl.engines.chat.troubles import Trouble


async def reach(spec: ModelSpec, *, patience_seconds: float) -> str:
    """Ask the model's endpoint what it serves; returns its address. An endpoint that has no such list counts as one that answers.

    Raises:
        ConfigError: it refuses the key or does not serve the model, or there is no key.
        TryAgainError: it does not answer (`endpoint_away`).
    """
    address = (spec.endpoint or "").rstrip("/")
    endpoint = Endpoint(spec, address, Credentials.of(spec.api_key), patience_seconds, Backoff())
    try:
        await endpoint.served()
    except Trouble as trouble:
        raise TryAgainError(
            f"{address} does not answer ({trouble.words}); start it, or correct the model's endpoint.", reason="endpoint_away"
        ) from None
    finally:
        await endpoint.close()
    return address
