"""Write the pictures of the victims' page beside this file.

``python docs/page/screenshots.py [--all]``; needs chromium, Korean fonts, and the extra ``test``.
"""

import io
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from page.visiting import DESKTOP, THREE, Visitor, started, visitor  # noqa: E402
from support.serving import Served  # noqa: E402

SHOW_ALL = "--all" in sys.argv
TALL_PHONE = (390, 844)
SIZES = {"desktop": DESKTOP, "phone": TALL_PHONE}
KEPT = {"desktop-ko", "phone-pictures-ko", "phone-numbers-ko", "desktop-case-en", "phone-en"}
COLOURS = 64


def picture(who: Visitor, name: str) -> None:
    """Save what is in the window, in few colours; only what the documents show is kept."""
    name = f"{name}-{who.language}"
    seen = Image.open(io.BytesIO(who.page.screenshot()))
    if name in KEPT or SHOW_ALL:
        seen.quantize(COLOURS).save(Path(__file__).parent / f"{name}.png", optimize=True)
        print(name)


def visit(who: Visitor, address: str, size: str) -> None:
    """Register three photos, look at how they stand, and take pictures on the way."""
    who.page.goto(address)
    picture(who, size)
    who.begin([*THREE, ROOT / "sample_images" / "odd" / "blank.png"])
    who.page.evaluate("window.scrollTo(0, 0)")
    picture(who, f"{size}-pictures")
    who.press("Continue")
    who.expect_heading("Not sent yet. First write these two down")
    picture(who, f"{size}-numbers")
    number, code = who.numbers()
    who.page.get_by_label(who.says("I have written down both")).check()
    who.press("Send to the registry")
    who.expect_heading("Registered")
    picture(who, f"{size}-done")
    who.press("Close and go to the start")
    who.open_case(number, code)
    who.press("Check progress")
    who.expect_text("No copy has been found so far.")
    picture(who, f"{size}-case")


def main() -> None:
    """Take them all."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = started(playwright.chromium)
        with Served(Path(folder)) as registry:
            for size, pixels in SIZES.items():
                for language in ("ko", "en"):
                    with visitor(browser, language, pixels) as who:
                        visit(who, registry.url, size)
        browser.close()


if __name__ == "__main__":
    main()
