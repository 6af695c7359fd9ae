"""The last sentence of a command, where its starter wants it in a file."""

from pathlib import Path

import pytest

from egoetl.cli.exits import run_command
from egoetl.cli.last_word import MOST_BYTES, VARIABLE
from egoetl.core.errors import DataError


def failing(message: str) -> None:
    def command() -> None:
        raise DataError(message, reason="of_the_test")

    with pytest.raises(SystemExit) as ended:
        run_command(command)
    assert ended.value.code == DataError.exit_code


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "termination-log"))
    return tmp_path / "termination-log"


def test_a_failure_leaves_its_sentence(file: Path) -> None:
    failing("Yield 0.9 is below the floor 1.0.")
    assert file.read_text() == "Yield 0.9 is below the floor 1.0."


def test_a_defect_leaves_its_kind(file: Path) -> None:
    with pytest.raises(SystemExit) as ended:
        run_command(lambda: {}["of the test"])
    assert ended.value.code == 70
    assert file.read_text() == "a defect of egoetl: KeyError: 'of the test'"


def test_a_success_leaves_nothing(file: Path) -> None:
    with pytest.raises(SystemExit):
        run_command(lambda: None)
    assert not file.exists()


def test_it_is_no_longer_than_kubernetes_reads_and_stays_text(file: Path) -> None:
    failing("ä" * MOST_BYTES)
    assert file.stat().st_size <= MOST_BYTES
    assert set(file.read_text()) == {"ä"}


def test_a_password_in_an_address_does_not_get_into_it(file: Path) -> None:
    failing("postgresql://writer:pass-word@host/db is away.")
    assert file.read_text() == "postgresql://***@host/db is away."


def test_a_file_that_cannot_be_written_changes_no_exit_code(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.mkdir()
    failing("Bad.")
    assert "cannot be written: Is a directory" in capsys.readouterr().err
