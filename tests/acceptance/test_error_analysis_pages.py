"""The report's page and the page to look through answers, in a headless Chromium, used as a person uses them."""

import csv
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from airflow_pages import CHROMIUM, FLAGS, SCREENSHOTS
from error_analysis import answers_of, footage
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from egoetl.testing.reports import a_grade, a_large_report, a_report, an_item

pytestmark = [pytest.mark.slow, pytest.mark.needs("chromium")]
EGOETL = str(Path(sys.executable).with_name("egoetl"))
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>'\"</style>"
MANY = 5_000


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def videos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return footage(tmp_path_factory.mktemp("footage"))


@contextmanager
def window(browser: Browser, *, width: int = 1280, height: int = 860, scheme: str = "light") -> Generator[Page]:
    """A window in which nothing may go wrong unseen: no error in the console, no dialog."""
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    page = context.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
    page.on("dialog", lambda dialog: (troubles.append(dialog.message), dialog.dismiss()))
    yield page
    context.close()
    expected = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d")
    assert [each for each in troubles if not expected.match(each)] == []


@contextmanager
def browsing(*what: str) -> Generator[str]:
    """The address that `egoetl eval browse` prints, while it runs; it ends with Ctrl-C as a command that did its work."""
    server = subprocess.Popen([EGOETL, "eval", "browse", *what], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        yield re.fullmatch(r"Open (http://127\.0\.0\.1:\d+/[\w-]{32}/)\n", server.stdout.readline())[1]
    finally:
        server.send_signal(signal.SIGINT)
        _, complaints = server.communicate(timeout=30)
    assert (server.returncode, complaints) == (0, "")


def written(report, folder: Path, name: str) -> str:
    file = folder / name
    file.write_text(report.model_dump_json(), encoding="utf-8")
    return str(file)


def shot(what: Page | Locator, name: str) -> None:
    if folder := os.environ.get(SCREENSHOTS):
        what.screenshot(path=Path(folder) / f"{name}.png", animations="disabled")


def test_the_report_is_one_page_that_is_read_anywhere(chromium: Browser, videos: Path, tmp_path: Path) -> None:
    hostile = an_item("hostile", task="ssa", question=HOSTILE, said=HOSTILE, grades=[a_grade(1)], values={"judge_1_5": 1.0}, video="none")
    report = answers_of(0)
    counts = {**report.counts, "answered": report.counts["answered"] + 1}
    report = report.model_copy(update={"items": (*report.items, hostile), "counts": counts, "suspicious": ("worktop/1",)})
    page_file = tmp_path / "out" / "report.html"
    order = [written(report, tmp_path, "a.json"), "--html", str(page_file), "--videos", str(videos), "--json"]
    said = json.loads(subprocess.run([EGOETL, "eval", "report", *order], capture_output=True, text=True, check=True).stdout)
    assert said["pictures"] > 0
    assert said["without_pictures"] == {"video_missing": 1}
    for width, scheme in ((1000, "light"), (360, "dark")):
        with window(chromium, width=width, height=820, scheme=scheme) as page:
            asked: list[str] = []
            page.on("request", lambda request, asked=asked: asked.append(request.url))
            page.goto(page_file.as_uri())
            expect(page.get_by_role("heading", name="egoavu_bench: tiny-omni@3f2a")).to_be_visible()
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert {address.partition(":")[0] for address in asked} <= {"file", "data"}
            pictures = page.locator(".strip img")
            assert pictures.count() == said["pictures"]
            assert page.evaluate("[...document.images].every(each => each.complete && each.naturalWidth > 100)")
            assert page.get_by_text(HOSTILE).count() >= 2
            assert page.get_by_role("img", name=re.compile(r"ssa: 3\.00, 95 % interval 2\.40 to 3\.50, 2 of 2 questions")).count() == 1
            if width == 1000:
                shot(page, "eval-report")
                shot(page.locator(".item", has=pictures).first, "eval-report-worst")


def test_questions_light_up_as_the_video_passes_them(chromium: Browser, videos: Path, tmp_path: Path) -> None:
    files = [written(answers_of(model), tmp_path, f"{name}.json") for model, name in enumerate(("first", "second"))]
    with browsing(*files, "--videos", str(videos)) as address, window(chromium) as page:
        page.goto(address)
        expect(page.locator("#count")).to_have_text("7 of 7 questions, 0 ticked")
        page.locator("#second").select_option(label="tiny-vl@91c0 (second.json)")
        page.locator("#list").get_by_role("button", name="What makes the high tone?").click()
        expect(page.locator("#clock")).to_have_text("5 of 9 s")
        assert page.evaluate("document.getElementById('video').videoWidth") > 0
        for second, lit in ((1.0, {0, 2, 4, 6}), (3.5, {4}), (5.5, {1, 4, 5}), (8.0, {3, 4})):
            page.evaluate(f"document.getElementById('video').currentTime = {second}")
            expect(page.locator("#of-video li.lit")).to_have_count(len(lit))
            assert {
                int(each.split("/")[1]) for each in page.locator("#of-video li.lit").evaluate_all("all => all.map(one => one.dataset.id)")
            } == lit
            expect(page.locator("#timeline button.lit")).to_have_count(len(lit))
        page.locator("#timeline").get_by_role("button", name="What makes the high tone?").click()
        expect(page.locator("#overlay")).to_contain_text("tiny-vl@91c0: ✓ 5 The red tin, sliding back.")
        expect(page.locator("#detail")).to_contain_text("A bird outside.")
        shot(page, "eval-browse")
        page.get_by_role("button", name="Hide questions over the video").click()
        expect(page.locator("#overlay")).to_be_hidden()
        page.evaluate("document.getElementById('video').play()")
        expect(page.locator("#clock")).to_have_text(re.compile(r"(5\.[3-9]|[6-9](\.\d)?) of 9 s"))


def test_what_is_found_is_narrowed_compared_and_saved(chromium: Browser, videos: Path, tmp_path: Path) -> None:
    first, second = answers_of(0), answers_of(1)
    formula = an_item("f", task="ssa", video="worktop", question="=1+1", said='-2,\n"x"', values={"judge_1_5": None}, uri="worktop.mp4")
    first = first.model_copy(update={"items": (*first.items, formula)})
    files = [written(first, tmp_path, "a.json"), written(second, tmp_path, "b.json")]
    with browsing(*files, "--videos", str(videos)) as address, window(chromium) as page:
        page.goto(address)
        page.locator("#second").select_option(index=2)
        filters, rows = page.locator("#filters"), page.locator("#list tbody tr")
        for name, value, count in (
            ("task", "tr_before_after", 2),
            ("outcome", "right", 3),
            ("outcome", "status:answered", 8),
            ("video", "worktop", 8),
        ):
            filters.locator(f"[name={name}]").select_option(value)
            expect(rows).to_have_count(count)
            filters.locator(f"[name={name}]").select_option("")
        filters.locator("[name=text]").fill("SOMEBODY COOKS")
        expect(rows).to_have_count(1)
        filters.locator("[name=text]").fill("")
        filters.locator("[name=differ]").check()
        expect(rows).to_have_count(5)
        filters.locator("[name=differ]").uncheck()
        filters.locator("[name=order]").select_option("worst")
        expect(rows.first).to_contain_text("What makes the high tone?")
        total = page.get_by_role("region", name="By type").get_by_role("row", name="ssa")
        expect(total.get_by_role("cell")).to_have_text(["3", "2", "3", "50.0 %", "2", "3", "50.0 %"])
        for key in ("worktop/1", "f"):
            page.get_by_role("checkbox", name=f"Tick {key}", exact=True).check()
        saved = {name: tmp_path / name for name in ("selection.json", "selection.csv")}
        for button, file in zip(("Save as JSON", "Save as CSV"), saved.values(), strict=True):
            with page.expect_download() as download:
                page.get_by_role("button", name=button).click()
            assert download.value.suggested_filename == file.name
            download.value.save_as(file)
    items = {each["question_id"]: each for each in json.loads(saved["selection.json"].read_text())["items"]}
    assert items.keys() == {"worktop/1", "f"}
    assert [each["said"] for each in items["worktop/1"]["answers"]] == [["A bird outside."], ["The red tin, sliding back."]]
    assert items["f"]["answers"][1] is None
    with saved["selection.csv"].open(newline="") as table:
        rows = {each["question_id"]: each for each in csv.DictReader(table)}
    assert (rows["f"]["question"], rows["f"]["prediction_1"], rows["f"]["judge_1_5_1"]) == ("'=1+1", '\'-2,\n"x"', "")
    assert rows["worktop/1"]["judge_1_5_2"] == "5"


def test_uploads_and_hostile_text_are_shown_as_they_are(chromium: Browser, tmp_path: Path) -> None:
    repeated = [
        an_item(f"q{number}", question="Where?", said=f"here {number}", video="gone", values={"accuracy": number % 2})
        for number in range(3)
    ]
    hostile = an_item(
        HOSTILE, task=HOSTILE, video=HOSTILE, question=HOSTILE, reference=HOSTILE, said=HOSTILE, grades=[a_grade(2, judge=HOSTILE)]
    )
    broken = tmp_path / "broken.json"
    broken.write_text('{"items": [')
    with browsing() as address, window(chromium, width=360, height=740, scheme="dark") as page:
        assert page.request.get(address.replace(address.split("/")[3], "guessed")).status == 403
        page.goto(address)
        expect(page.locator("#message")).to_contain_text("Nothing is open yet")
        page.get_by_text("Upload a file").click()
        for benchmark in ("", "egotextvqa"):
            page.locator("#file").set_input_files(broken)
            page.locator("#benchmark").select_option(benchmark)
            page.get_by_role("button", name="Open").click()
            expect(page.locator("#message.wrong")).to_contain_text("broken.json")
        page.locator("#benchmark").select_option("")
        page.locator("#file").set_input_files(written(a_report([*repeated, hostile], model=HOSTILE), tmp_path, "good.json"))
        page.get_by_role("button", name="Open").click()
        expect(page.locator("#message")).to_have_text("good.json is open: 4 questions.")
        page.locator("#list").get_by_role("button", name=HOSTILE).click()
        expect(page.locator("#chosen")).to_have_text(HOSTILE)
        expect(page.locator("#trouble")).to_contain_text("start with --videos ROOT")
        for number in range(3):
            page.locator("#list").get_by_role("button", name="Where?").nth(number).click()
            expect(page.locator("#detail .said").last).to_have_text(f"here {number}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_thousands_of_questions_stay_usable(chromium: Browser, tmp_path: Path) -> None:
    files = [written(a_large_report(MANY, shift=shift, run=f"r{shift}"), tmp_path, f"{shift}.json") for shift in range(2)]
    with browsing(*files) as address, window(chromium) as page:
        page.goto(address)
        expect(page.locator("#count")).to_have_text(f"{MANY} of {MANY} questions, 0 ticked", timeout=30_000)
        page.locator("#second").select_option("1")
        expect(page.locator("body.two")).to_be_visible(timeout=30_000)
        expect(page.locator("#list tbody tr")).to_have_count(100)
        began = time.monotonic()
        page.locator("#filters [name=text]").fill("step 4998")
        expect(page.locator("#list tbody tr")).to_have_count(1)
        page.locator("#filters [name=text]").fill("")
        page.locator("#filters [name=order]").select_option("difference")
        page.get_by_role("button", name="On", exact=True).click()
        expect(page.locator("#page")).to_have_text("page 2 of 50")
        page.locator("#all").check()
        expect(page.locator("#count")).to_have_text(f"{MANY} of {MANY} questions, {MANY} ticked")
        # Far more than it takes; a page that lays out all rows at each key takes minutes.
        assert time.monotonic() - began < 15
