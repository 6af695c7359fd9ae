"""A model that an address names."""

import pytest

from egoetl.core.model_address import is_address, model_at, problem_of
from egoetl.core.model_file import load_catalogue


def test_an_address_names_an_endpoint_and_its_model() -> None:
    spec = model_at("http://gpu7:8000/v1#Qwen/Qwen2.5-VL-7B", "v1")
    assert (spec.endpoint, spec.identity) == ("http://gpu7:8000/v1", "Qwen/Qwen2.5-VL-7B@v1")
    assert spec.launch is None


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("http://gpu7:8000/v1", "which model"),
        ("http://gpu7:8000/v1#", "which model"),
        ("https://user:key@gpu7/v1#m", "wants a key"),
        ("https://gpu7/v1?key=1#m", "wants a key"),
        ("http:///v1#m", "is not like"),
    ],
)
def test_what_is_no_such_address_is_told(name: str, what: str) -> None:
    assert is_address(name)
    assert what in problem_of(name)


def test_nothing_is_started_for_an_address() -> None:
    catalogue = load_catalogue(None)
    assert (catalogue.reached("http://gpu7:8000/v1#m@1"), catalogue.gpus("http://gpu7:8000/v1#m@1")) == ("endpoint", 0)
