"""What the API answers when it does not do what it is asked: a Status object, as Kubernetes sends it."""

from typing import Any

Json = dict[str, Any]
REASONS = {400: "BadRequest", 401: "Unauthorized", 403: "Forbidden", 404: "NotFound", 409: "Conflict", 410: "Expired", 422: "Invalid"}


class RefusedError(Exception):
    """A request that is answered with an error's status code."""

    def __init__(self, code: int, message: str, *, reason: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.status: Json = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": message,
            "reason": reason or REASONS[code],
            "code": code,
        }


def not_found(plural: str, name: str) -> RefusedError:
    """There is no such object."""
    return RefusedError(404, f'{plural} "{name}" not found')
