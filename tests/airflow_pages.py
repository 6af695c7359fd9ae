"""Airflow's pages in a headless Chromium, clicked as a person clicks them."""

import os
import re
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote

from playwright.sync_api import Page, expect, sync_playwright

CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SCREENSHOTS = "EGOETL_SCREENSHOTS"
"""A folder: where it is named, pictures of the pages are written into it."""
PATIENCE_MS = 240_000
SAY_OTHERWISE = """
shown => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode())
    for (const [text, other] of Object.entries(shown))
      walker.currentNode.nodeValue = walker.currentNode.nodeValue.replaceAll(text, other);
}
"""
VIEW = {"width": 1280, "height": 800}


class AirflowPages:
    """One person's window, signed in."""

    def __init__(self, page: Page, address: str, shown: Mapping[str, str]) -> None:
        self.page = page
        self._address = address
        self._shown = dict(shown)

    def sign_in(self, user: str, password: str) -> None:
        self.page.goto(self._address)
        self.page.get_by_label("Username").fill(user)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url(lambda address: "login" not in address)

    def open_dag(self, dag_id: str) -> None:
        """By way of the list of DAGs."""
        self.page.get_by_role("link", name="Dags", exact=True).click()
        self.page.get_by_role("link", name=dag_id, exact=True).first.click()
        expect(self.page.get_by_role("heading", name=dag_id)).to_be_visible()

    def open_run(self, run_id: str) -> None:
        """Of the DAG at hand, by way of its list of runs."""
        self.page.get_by_role("link", name="Runs", exact=True).click()
        self.page.locator(f'a[href$="/runs/{run_id}"]').last.click()
        expect(self.page.get_by_role("heading", name=run_id)).to_be_visible()

    def open_form(self) -> None:
        """Of the DAG at hand."""
        self.page.get_by_role("button", name="Trigger").first.click()
        expect(self.page.get_by_role("heading", name=re.compile("Trigger Dag"))).to_be_visible()

    def unfold(self, section: str) -> None:
        """Open a section of the form."""
        self.page.get_by_role("button", name=section).click()

    def answer(self, title: str, value: str) -> None:
        """Fill in a field of text."""
        self.page.get_by_role("group").filter(has_text=title).get_by_role("textbox").first.fill(value)

    def switch(self, title: str) -> None:
        """Turn a switch of the form."""
        self.page.get_by_role("group").filter(has_text=title).locator("label").last.click()

    def submit(self) -> None:
        """Trigger the run."""
        self.page.get_by_role("dialog").get_by_role("button", name="Trigger").click()
        expect(self.page.get_by_role("dialog")).to_have_count(0)

    def open_task(self, task_id: str) -> None:
        """Of the run at hand: its log."""
        self.page.locator(f'a[href$="/tasks/{task_id}"]').last.click()
        expect(self.page.get_by_role("tab", name="Logs").or_(self.page.get_by_role("link", name="Logs"))).to_be_visible()

    def wait_until(self, state: str) -> None:
        """Until the run at hand is in that state."""
        run_id = unquote(self.page.url.split("/runs/")[1].split("/")[0].split("?")[0])
        heading = self.page.get_by_role("heading", name=run_id, exact=True)
        expect(heading.locator("xpath=..").get_by_text(state, exact=True)).to_be_visible()

    def wait_until_log_says(self, text: str) -> None:
        """Until the log of the task at hand holds a line with this text."""
        expect(self.page.get_by_text(text).first).to_be_attached()

    def shot(self, name: str) -> None:
        """Write a picture, if somebody wants pictures."""
        if folder := os.environ.get(SCREENSHOTS):
            self.page.wait_for_timeout(1_500)  # what moves has come to rest
            self.page.evaluate(SAY_OTHERWISE, self._shown)
            self.page.screenshot(path=Path(folder) / f"{name}.png", animations="disabled")


@contextmanager
def airflow_pages(address: str, shown: Mapping[str, str]) -> Generator[AirflowPages]:
    """A fresh window, with a profile of its own. Pictures show other texts for some, such as folders of this machine."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=list(FLAGS))
        page = browser.new_page(viewport=VIEW)
        page.set_default_timeout(PATIENCE_MS)
        expect.set_options(timeout=PATIENCE_MS)
        yield AirflowPages(page, address, shown)
        browser.close()
