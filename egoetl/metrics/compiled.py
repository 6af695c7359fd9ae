"""Kernels that Numba compiles. Modules that hold them are imported where they are used: Numba takes half a second to load."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

Kernel = TypeVar("Kernel", bound=Callable[..., Any])


def compiled(kernel: Kernel) -> Kernel:
    """The kernel, compiled when it is first called and kept beside its module, or in memory where no folder can be written."""
    from numba import njit  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]

    try:
        return cast("Kernel", njit(cache=True, nogil=True)(kernel))
    except RuntimeError:
        return cast("Kernel", njit(nogil=True)(kernel))
