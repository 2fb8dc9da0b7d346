"""Looking at a page: screen sizes, axe, pictures."""

import os
from pathlib import Path

from axe_playwright_python.base import AXE_SCRIPT

PICTURES = Path(__file__).parents[2] / "var" / "pictures"
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 360, "height": 740}
LOOK = """() => axe.run(document, {resultTypes: ["violations"]}).then(found => found.violations.map(
    one => `${one.id}: ${one.help} at ${JSON.stringify(one.nodes.map(node => node.target))}`))"""


def check_accessible(page):
    """Axe finds nothing (WCAG 2.2 AA and best practice), and nothing sticks out beyond the screen."""
    page.wait_for_load_state("load")  # a heading is there before the style sheets are: bare, the page has other faults
    if not page.evaluate("() => typeof axe === 'object'"):
        page.evaluate(AXE_SCRIPT)
    told = page.evaluate(LOOK)
    assert not told, "\n".join(told)
    width = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert width[0] <= width[1], f"the page is {width[0]} wide on a screen of {width[1]}"


def picture(page, name):
    """Keep a picture of the whole page for people to look at; the folder is not committed. `ZONE_PICTURES=0`: none."""
    if os.environ.get("ZONE_PICTURES") == "0":
        return
    page.wait_for_load_state("load")
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png", full_page=True)
