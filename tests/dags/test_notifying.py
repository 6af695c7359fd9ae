"""What people are told of a build that fails in Airflow, or is late, through notifiers that they configure."""

import json
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.serialization.serialized_objects import DagSerialization
from airflow.triggers.callback import CallbackTrigger

from egoetl.core.errors import ConfigError
from egoetl.core.settings import load_settings
from egoetl.testing.installation import Installation
from egoetl_airflow.dag_bundle import dags_folder
from egoetl_airflow.notice import notice_of
from egoetl_airflow.stage_command import build_name

SMALL = Path(__file__).parent / "small"
# As somebody would write them: one that sends, here into a file, and one that cannot.
NOTIFIERS = """
import json
from pathlib import Path
from airflow.sdk import BaseNotifier

class FileNotifier(BaseNotifier):
    template_fields = ("title", "text", "channel")

    def __init__(self, file, text, title="", channel=""):
        super().__init__()
        self.file, self.text, self.title, self.channel = file, text, title, channel

    def notify(self, context):
        with Path(self.file).open("a") as out:
            out.write(json.dumps({"title": self.title, "text": self.text, "channel": self.channel}) + "\\n")

class AsyncFileNotifier(FileNotifier):
    async def async_notify(self, context):
        self.title += ", asynchronously"
        super().notify(context)

class BrokenNotifier(BaseNotifier):
    def notify(self, context):
        raise ConnectionError("The chat is away.")
"""
COUNTS = {"total": 40, "done": 30, "dropped": 1, "failed": 3, "blocked": 2, "pending": 4}
FAILURES = [
    {"stage": stage, "reason": reason} for stage, reason in (("caption", "reply_empty"), ("split", "bad"), ("caption", "reply_empty"))
]
REPORT = {"build": "b", "state": "failed", "counts": {"register": COUNTS, "split": {**COUNTS, "failed": 0}}, "failures": FAILURES}
Told = Callable[[], list[dict[str, str]]]


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Told:
    """Configure a notifier that cannot send and one that can; returns what was sent."""
    (tmp_path / "own_notifiers.py").write_text(NOTIFIERS)
    monkeypatch.syspath_prepend(tmp_path)
    file = tmp_path / "sent.jsonl"
    arguments = {"file": str(file), "title": "{{ egoetl.title }}", "text": "{{ egoetl.text }}", "channel": "{{ egoetl.build }}"}
    own = [{"notifier": "own_notifiers.BrokenNotifier"}, {"notifier": "own_notifiers.FileNotifier", "arguments": arguments}]
    monkeypatch.setenv("EGOETL_NOTIFIERS", json.dumps(own))
    return lambda: [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


@pytest.fixture
def lineage_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fake_egoetl: Callable[[str], Path]) -> Callable[[str], None]:
    """Have a program answer in the place of lineage."""

    def install(program: str) -> None:
        command = str(fake_egoetl(program))
        monkeypatch.setattr("egoetl_airflow.notice.executable", lambda: command)

    return install


def test_a_message_says_how_many_failed_why_and_what_shows_more(lineage_says: Callable[[str], None]) -> None:
    lineage_says(f"import sys; assert sys.argv[1:] == ['build', 'show', 'b', '--json']; print({json.dumps(REPORT)!r})")
    notice = notice_of("b", "failed", "Airflow: build_small manual__1 gate")
    assert notice.title == "egoetl: build b failed, 3 of 80 units failed"
    assert notice.text.splitlines() == [
        "Build b failed: 3 of 80 units failed, 4 are blocked, 8 are pending.",
        "  2 x caption: reply_empty",
        "  1 x split: bad",
        "Look at it: egoetl build failed b",
        "Airflow: build_small manual__1 gate",
    ]


def test_a_cancelled_build_is_not_said_to_have_failed(lineage_says: Callable[[str], None]) -> None:
    lineage_says(f"print({json.dumps({**REPORT, 'state': 'cancelled'})!r})")
    assert notice_of("b", "failed", "").text.startswith("Build b was cancelled: 3 of 80 units failed")


@pytest.mark.parametrize(
    ("program", "trouble"),
    [
        ("import sys; print('egoetl: There is no build b.', file=sys.stderr); sys.exit(64)", "egoetl: There is no build b."),
        ("import sys; sys.exit(3)", "it ended with exit code 3."),
    ],
)
def test_lineage_that_says_nothing_keeps_no_message_back(lineage_says: Callable[[str], None], program: str, trouble: str) -> None:
    lineage_says(program)
    notice = notice_of("b", "failed", "Airflow: build_small manual__1 plan")
    assert notice.title == "egoetl: build b failed"
    assert notice.text.splitlines()[1] == f"Lineage says nothing of it: {trouble}"


def test_nobody_is_told_unless_somebody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EGOETL_DEADLINE_HOURS", "8")
    dag = DagBag(dag_folder=SMALL).dags["build_small"]
    assert (dag.on_failure_callback, dag.deadline) == (None, None)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("SmtpNotifier", "not JSON"),
        ('[{"notifier": "SmtpNotifier"}]', "EGOETL_NOTIFIERS"),
        (
            '[{"notifier": "a.Chat", "arguments": {"chat_token": "x"}}]',
            "'chat_token' looks like a secret; keep it in an Airflow connection",
        ),
    ],
)
def test_a_setting_that_cannot_be_used_is_refused_with_a_sentence(value: str, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EGOETL_NOTIFIERS", value)
    with pytest.raises(ConfigError, match="EGOETL_NOTIFIERS is not usable") as raised:
        load_settings()
    assert message in str(raised.value)


@pytest.mark.parametrize(("notifier", "added"), [("FileNotifier", ""), ("AsyncFileNotifier", ", asynchronously")])
async def test_a_late_run_is_told_of_by_its_deadline(
    told: Told, lineage_says: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, notifier: str, added: str
) -> None:
    """The alert survives serialisation, and what it calls is called as Airflow's triggerer calls it."""
    monkeypatch.setenv("EGOETL_NOTIFIERS", os.environ["EGOETL_NOTIFIERS"].replace("FileNotifier", notifier))
    lineage_says(f"print({json.dumps({**REPORT, 'state': 'running'})!r})")
    monkeypatch.setenv("EGOETL_DEADLINE_HOURS", "7.5")
    dag = DagBag(dag_folder=SMALL).dags["build_small"]
    (alert,) = dag.deadline
    assert alert.interval == timedelta(hours=7.5)
    assert "egoetl_airflow.notifying.notify_late" in json.dumps(DagSerialization.serialize_dag(dag))
    context = {"dag_run": {"dag_id": "build_small", "dag_run_id": "scheduled__2026"}, "deadline": {"id": "1"}}
    called = CallbackTrigger(alert.callback.path, {**alert.callback.kwargs, "context": context})
    events = [event.payload async for event in called.run()]
    assert events[-1]["state"] == "failed", "one of the two notifiers cannot send"
    assert "1 of the notifiers in EGOETL_NOTIFIERS failed" in events[-1]["body"]
    (sent,) = told()
    assert (
        sent["title"] == "egoetl: build small-scheduled__2026 is not finished 7.5 hours after it was queued, 3 of 80 units failed" + added
    )
    assert sent["text"].splitlines()[-1] == "Airflow: build_small scheduled__2026"
    assert sent["channel"] == "small-scheduled__2026"


@pytest.mark.slow
def test_a_run_that_fails_tells_what_lineage_knows_of_it(
    told: Told, airflow_database: None, tiny: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A whole run of build_egoavu over files that are cut off, with the real command line and the real ledger behind it."""
    videos = tmp_path / "videos"
    videos.mkdir()
    for file in tiny.footage.folder.glob("*.mp4"):
        (videos / file.name).write_bytes(file.read_bytes()[:2000])
    for name, value in tiny.environment.items():
        monkeypatch.setenv(name, value)
    bundle = {"name": "egoetl", "classpath": "egoetl_airflow.dag_bundle.EgoetlDagBundle", "kwargs": {}}
    monkeypatch.setenv("AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST", json.dumps([bundle]))
    dag = DagBag(dag_folder=dags_folder()).dags["build_egoavu"]
    ended = dag.test(run_conf={"manifest": str(tiny.footage.manifest), "videos": str(videos)})
    assert str(ended.state) == "failed"
    build = build_name("egoavu", ended.run_id)
    ((failed, reason),) = tiny.rows("SELECT count(*), min(reason) FROM build_unit WHERE state = 'failed'")
    assert failed == 2
    (sent,) = told()
    assert sent["title"] == f"egoetl: build {build} failed, 2 of 2 units failed"
    assert sent["text"].splitlines() == [
        f"Build {build} failed: 2 of 2 units failed, 0 are blocked, 0 are pending.",
        f"  2 x register: {reason}",
        f"Look at it: egoetl build failed {build}",
        f"Airflow: build_egoavu {ended.run_id} gate",
    ]
