from pathlib import Path

import numba
import pytest

from egoetl.algorithms.compiled import compiled


def test_a_kernel_is_compiled_where_no_folder_can_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    options: list[dict[str, bool]] = []

    def njit(**given: bool) -> object:
        options.append(given)
        if given.get("cache"):
            raise RuntimeError("cannot cache function 'kernel': no locator available")
        return lambda kernel: kernel

    monkeypatch.setattr(numba, "njit", njit)

    def kernel(number: int) -> int:
        return number + 1

    assert compiled(kernel)(1) == 2
    assert [each.get("cache") for each in options] == [True, None]


def test_numba_says_so_by_that_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What `compiled` counts on: a function whose file no cache can be made for is refused when it is decorated."""
    scope: dict[str, object] = {}
    exec(compile("def kernel(number):\n    return number + 1\n", str(tmp_path / "absent" / "kernel.py"), "exec"), scope)
    kernel = scope["kernel"]
    assert callable(kernel)
    with pytest.raises(RuntimeError, match="no locator available"):
        numba.njit(cache=True)(kernel)
    assert compiled(kernel)(1) == 2
