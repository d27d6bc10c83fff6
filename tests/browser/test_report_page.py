"""The report of a submission in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from grader.reports.html import render
from tests.browser.samples import every_kind

HOSTILE = "<img src=x onerror=alert(1)></script><script>alert(2)</script>"
Open = Callable[..., Any]


def hints(exercise: str, rule: str) -> tuple[str, ...]:
    return ("Look at the first line.", "Use a lock.")


@pytest.fixture
def page(open_page: Open) -> Any:
    """The report with every kind of evidence."""
    return open_page(render(every_kind(), hints))


def test_it_is_ready_within_a_glance(page: Any) -> None:
    # No verdict of anybody's: a page that needed a second would be another page. The figure is in benchmarks/pages.py.
    timing = page.evaluate("performance.getEntriesByType('navigation')[0]")
    assert 0 < timing["domInteractive"] < 5_000


def test_a_story_steps_forwards_and_back(page: Any) -> None:
    story = page.locator("figure.story").first
    forwards, back = story.get_by_label("one step on"), story.get_by_label("one step back")
    assert story.locator("output").inner_text() == "all 6 steps"
    forwards.click()
    assert story.locator("li.now").inner_text() == "starts Thread-1"
    for _ in range(4):
        forwards.click()
    assert story.locator("li.now").inner_text() == "writes self.total: 6"
    assert "self.total = 6" in story.locator(".known").inner_text()
    back.click()
    assert "self.total = 0" in story.locator(".known").inner_text()
    story.get_by_label("show all").click()
    assert "self.total = 1" in story.locator(".known").inner_text() and story.locator("li.now").count() == 0


def test_a_story_steps_by_keyboard(page: Any) -> None:
    story = page.locator("figure.story").first
    story.get_by_label("one step on").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    assert story.locator("output").inner_text() == "step 1 of 6"


def test_the_reader_is_the_scheduler_until_it_breaks(page: Any) -> None:
    game = page.locator(".player").first
    game.get_by_role("button", name="Play").click()
    one, two = game.locator("[data-thread='1']"), game.locator("[data-thread='2']")
    assert two.is_disabled() and "not tried here" in two.inner_text() and SOURCE in one.inner_text()
    one.click()
    two.click()
    two.click()
    assert game.locator(".verdict").inner_text() == "It breaks: a sum was lost"
    game.get_by_role("button", name="Back").click()
    assert game.locator(".verdict").is_hidden()
    game.get_by_role("button", name="Start again").click()
    one.click()
    one.click()
    assert game.locator(".verdict").inner_text() == "It holds, in this order."


SOURCE = "18 self.total += part"


def test_hints_unfold_one_at_a_time(page: Any) -> None:
    card = page.locator(".card").first
    assert not card.get_by_text("Look at the first line.").is_visible()
    card.get_by_text("Hint 1 of 2").click()
    assert card.get_by_text("Look at the first line.").is_visible() and not card.get_by_text("Use a lock.").is_visible()
    card.get_by_text("Hint 2 of 2").click()
    assert card.get_by_text("Use a lock.").is_visible()


def test_a_link_to_a_test_opens_what_it_lies_in(page: Any) -> None:
    page.locator(".cell.passed").first.click()
    assert page.locator("details.passed").first.get_attribute("open") is not None


def test_light_and_dark_can_be_chosen(page: Any) -> None:
    colour = "getComputedStyle(document.body).backgroundColor"
    before = page.evaluate(colour)
    page.get_by_role("button", name="Light or dark").click()
    assert page.evaluate(colour) != before


def test_all_is_told_without_scripts(chromium: Any, open_page: Open) -> None:
    page = open_page(render(every_kind(), hints), java_script_enabled=False)
    assert page.get_by_text("writes self.total: 6").first.is_visible()
    assert not page.locator(".tools").is_visible()


def test_hostile_text_stays_text(open_page: Open) -> None:
    value = every_kind(HOSTILE, HOSTILE)
    for test in value.exercises[0].tests:
        for steps in [test.evidence.get("interleaving", {}).get("steps", [])]:
            for one in steps:
                one["source"], one["did"] = HOSTILE, [f"writes {HOSTILE}: {HOSTILE}"]
    page = open_page(render(value, lambda exercise, rule: (HOSTILE,)))
    page.locator("figure.story").first.get_by_label("one step on").click()
    assert page.locator("img").count() == 0 and page.locator("h1").inner_text() == HOSTILE
    assert HOSTILE in page.locator(".known").first.inner_text()


@pytest.mark.parametrize("width", [320, 1100])
def test_nothing_is_wider_than_the_page(open_page: Open, width: int) -> None:
    page = open_page(render(every_kind("a_very_long_name_" * 6), hints), width=width)
    page.get_by_role("button", name="Open all").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_fault(open_page: Open, axe: Callable[[Any], list[str]], scheme: str) -> None:
    page = open_page(render(every_kind(), hints), color_scheme=scheme)
    page.get_by_role("button", name="Open all").click()
    page.locator(".player").first.get_by_role("button", name="Play").click()
    assert axe(page) == []


def test_paper_gets_everything(page: Any) -> None:
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.get_by_text("Use a lock.").first.is_visible() and not page.locator(".tools").is_visible()
