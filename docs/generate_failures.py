#!/usr/bin/env python3
"""Write docs/failures.md from a build over `egoetl footage make --damaged`. Run it with the Python of .venv, without arguments.

It starts an embedded PostgreSQL of its own, makes the damaged set, builds it, and removes both again.
"""

import asyncio
import re
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from egoetl.core.errors import DataError
from egoetl.core.settings import Settings
from egoetl.footage.damaged import Damage, DamagedSet, make_damaged
from egoetl.lineage.migrate import upgrade
from egoetl.local.home import Home
from egoetl.local.postgres import Postgres
from egoetl.runner.build import run_build
from egoetl.runner.judging import MORE_TOKENS, MOST_TOKENS, RULES
from egoetl.runner.plan import Order, plan_build
from egoetl.runner.shard import silent
from egoetl.runner.tools import Tools

PAGE = Path(__file__).with_name("failures.md")
NAME = "damaged"
INTRODUCTION = """# Failures: what bad videos and manifests come to

*Made by `docs/generate_failures.py` from a build over the files of `egoetl footage make --damaged DIR`; a test holds it to that
build. Do not edit it.*

```sh
egoetl footage make --damaged DIR
egoetl build run egoavu --manifest DIR/manifest.csv --videos DIR --name damaged
egoetl build failed damaged
```

A build goes on past everything below and publishes the rest: a version over `DIR/manifest.csv` has the bytes of one over
`DIR/good.csv`, which holds the good rows alone. Every item has a reason in snake_case, which stays for ever and which
`egoetl build retry NAME --reason REASON` takes, an error class that says who must act (`data`: whoever owns the videos or the
manifest), and one sentence with what, where and the remedy. Nothing that is refused leaves a file, half a clip or a pair.

Rows that are refused here are the manifest's affair and do not count against the yield of a build, so they never keep a
version from being published. Mend a video in its place and run `egoetl build retry NAME`. Mend a manifest and build it under
a new name: what was built before is reused.

What was decided, where a file is not simply broken:

- **Cut off.** A file that has fewer bytes than its own index or outermost boxes name is refused whole, also where the window
  lies before the cut: no copy that stopped half-way is taken for a video. A file that never says how long it is (a live
  stream, a fragmented file that ends between two fragments) is as long as what is there, and windows behind its end are refused.
- **A lying header.** Durations are read from the packets. A header that promises more is harmless for windows within the
  pictures, and `duration_lies` for a row that has believed it.
- **One picture.** Nothing happens in it, so it is refused rather than asked about.
- **A sound track without a sample.** The sound was there and is lost; building it as silence would teach that nothing was
  heard. A file without any sound track is a silent video, and is built as one.
- **Pictures that are missing in the middle.** No picture is shown for more than ten seconds in the place of lost ones:
  `pictures_lost`. This, `picture_corrupt` and `sound_corrupt` show only when a clip is decoded, so the clip fails in `split` or
  `frames`, counts against the yield, and below the recipe's floor the version stays a candidate.
- **Bombs.** Pictures beyond 40 megapixels, sound beyond 768 kHz, an index of more than five million samples in a few bytes, clips
  beyond an hour (`register.longest_ms`) and manifest lines beyond two million characters are refused before memory is taken for them.
- **Paths.** Names are taken as they stand, without decoding. What would leave the videos folder if backslashes or percent
  signs were decoded is refused all the same. Symbolic links in the folder are its owner's and are followed.
"""


REPLIES = """
## Replies of models

Every reply is judged before anything is made of it: one JSON object of the reply's schema, strictly, with nothing before or after it,
no key twice and no number that is none. What is no answer has a status, is kept as it came (`egoetl replies BUILD` prints it, also
of units that failed), and is asked for again at most once for each status. One that is right after it was told its mistake is
`repaired`, and counted as such. Where asking again does not help, the unit fails with the status as its reason, and the shard goes on.
"""
REMEDIES = {
    "nothing": "no",
    "correct": "once, after a turn that names the fault",
    "more_tokens": f"once, with {MORE_TOKENS} times as many tokens, {MOST_TOKENS:,} at most",
    "other_seed": "once, with another seed",
    "the_same": "once, the same request",
}


def failures_page(url: str, workplace: Path) -> str:
    """The page, from a build in the migrated database at this address, with files below `workplace`."""
    made = make_damaged(workplace / "videos", lambda _done, _total: None)
    tools = Tools(Settings(database_url=SecretStr(url), store_url=(workplace / "store").as_uri()))
    try:
        build = plan_build(tools, Order(recipe="egoavu", manifest=Path(made.manifest), videos=Path(made.folder), name=NAME))
        asyncio.run(run_build(tools, build, silent))
        failures = {int(row["unit_id"]): row for row in tools.reports.failures(build.seq) if row["unit_kind"] == "row"}
        built = {each.video_id for each in tools.reports.accepted_pairs(build.spec.dataset, build.seq)}
        refused = {each.name: _refusal(tools, made, each) for each in made.damages if each.line is None}
    finally:
        tools.ledger.close()
    return "\n".join([INTRODUCTION, *_sections(made, failures, built, refused), *_replies()]) + "\n"


def _refusal(tools: Tools, made: DamagedSet, damage: Damage) -> DataError:
    folder = Path(made.folder)
    try:
        plan_build(tools, Order(recipe="egoavu", manifest=folder / damage.name, videos=folder))
    except DataError as error:
        return error
    raise AssertionError(f"{damage.name} was planned")


def _sections(made: DamagedSet, failures: Mapping[int, Any], built: set[str], refused: Mapping[str, DataError]) -> Iterator[str]:
    lines = [each for each in made.damages if each.line is not None]
    manifest = Path(made.manifest).name
    assert set(failures) == {each.line for each in lines}, "a row that is listed as damaged was built, or one that is not failed"
    yield "## Videos\n\n*N* stands for a number of bytes.\n"
    yield "| file | what was done to it | stage | reason | class | sentence |\n|---|---|---|---|---|---|"
    yield from (_row(made, each, f"`{each.name}`", failures[each.line]) for each in lines if each.line and each.name != manifest)
    yield f"\n## Lines of `{manifest}`\n\n| line | what is wrong | stage | reason | class | sentence |\n|---|---|---|---|---|---|"
    yield from (_row(made, each, str(each.line), failures[each.line]) for each in lines if each.line and each.name == manifest)
    yield "\n## Manifests that are refused whole\n\nNothing is planned: the command ends with the exit code of the class.\n"
    yield "| file | what is wrong | reason | exit code | sentence |\n|---|---|---|---|---|"
    for name, error in refused.items():
        done = next(each.done for each in made.damages if each.name == name and each.line is None)
        yield f"| `{name}` | {done} | `{error.reason}` | {error.exit_code} | {_cell(made, str(error))} |"
    yield "\n## What was published\n\nAccepted pairs of this build are about: " + ", ".join(f"`{name}`" for name in sorted(built)) + "."


def _replies() -> Iterator[str]:
    """What becomes of replies of models that are no answer, by the rules themselves."""
    yield REPLIES
    yield "| status | asked again | reason of the failure | class | remedy | why |\n|---|---|---|---|---|---|"
    for status, rule in RULES.items():
        again = REMEDIES[rule.remedy]
        yield f"| `{status}` | {again} | `reply_{status}` | `{rule.failure.error_class}` | {rule.advice} | {rule.why} |"


def _row(made: DamagedSet, damage: Damage, what: str, failure: Mapping[str, Any]) -> str:
    assert failure["reason"] == damage.reason, f"{damage.name} line {damage.line}: {failure['reason']} instead of {damage.reason}"
    cells = (what, damage.done, failure["stage"], f"`{failure['reason']}`", failure["error_class"], _cell(made, failure["message"]))
    return f"| {' | '.join(cells)} |"


def _cell(made: DamagedSet, message: str) -> str:
    """The message without what differs between machines: the folder, and sizes of files that an encoder has written."""
    message = re.sub(r"(?<=has )\d{5,}(?= bytes)|(?<=at least )\d{5,}|(?<=byte )\d{5,}|(?<=file has )\d{5,}", "*N*", message)
    return message.replace(made.folder, "DIR").replace("\\", "&#92;").replace("|", "&#124;").replace("<", "&lt;")


def main() -> None:
    """Write the page."""
    with tempfile.TemporaryDirectory(prefix="egoetl-failures-") as folder:
        server = Postgres(Home.at(Path(folder)))
        try:
            server.start()
            url = server.url("egoetl")
            upgrade(url)
            PAGE.write_text(failures_page(url, Path(folder)), encoding="utf-8")
        finally:
            server.remove()
    print(f"Wrote {PAGE}.")


if __name__ == "__main__":
    main()
