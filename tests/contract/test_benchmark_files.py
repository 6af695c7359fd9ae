"""A benchmark's files, below a folder and below an S3 prefix."""

from contextlib import ExitStack
from pathlib import Path

import pytest

from egoetl.core.errors import DataError
from egoetl.core.settings import Settings
from egoetl.core.sources import SourceRoot
from egoetl.runner.benchmark_files import BenchmarkFiles
from egoetl.storage.sources.open import open_source

FILES = {"questions.csv": b"a,b\n", "options/1/gt.png": b"gt", "options/1/d1.png": b"d1"}


@pytest.fixture(params=["folder", pytest.param("moto", marks=pytest.mark.slow)])
def root(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SourceRoot:
    if request.param == "folder":
        for name, content in FILES.items():
            file = tmp_path / "data" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        return open_source(str(tmp_path / "data"), Settings())
    server = request.getfixturevalue("moto")
    for name, value in server.environment().items():
        monkeypatch.setenv(name, value)
    bucket, client = server.make_bucket(), server.client()
    for name, content in FILES.items():
        client.put_object(Bucket=bucket, Key=f"bench/{name}", Body=content)
    return open_source(f"s3://{bucket}/bench", Settings(video_cache=tmp_path / "cache"))


def test_files_are_local_while_they_are_held_and_never_outside_the_root(root: SourceRoot) -> None:
    with ExitStack() as held:
        files = BenchmarkFiles(root, held)
        read = {name: file.read_bytes() for name in FILES if (file := files.file(name)) is not None}
        assert read == FILES
        assert files.file("away.csv") is None
        assert files.names("options/") == ("options/1/d1.png", "options/1/gt.png")
        assert sorted(files.names()) == sorted(FILES)
        with pytest.raises(DataError) as outside:
            files.file("../elsewhere.csv")
    assert outside.value.reason == "path_escapes_root"
