"""Loops over arrays, compiled by Numba. Importing this module imports no Numba: what decorates a function does."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

_Parameters = ParamSpec("_Parameters")
_Result = TypeVar("_Result")


def compiled(function: Callable[_Parameters, _Result]) -> Callable[_Parameters, _Result]:
    """A function over arrays and numbers as machine code, made at its first call.

    The code is kept beside the source, or in the user's cache folder, so that the next process need not compile; where neither
    can be written to, as in a container without a home, every process compiles for itself.
    """
    from numba import njit

    try:
        return njit(cache=True, nogil=True)(function)
    except RuntimeError:  # Numba found no folder for its cache
        return njit(nogil=True)(function)
