"""The page as a browser shows it, on a phone and on a desk."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
from pathlib import Path

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed"),
]
# A page can say in its own title what a browser's console would say.
PROBE = """
<script>
addEventListener("load", () => {
  const root = document.documentElement;
  const wide = [...document.querySelectorAll("main *, header *")].filter(e =>
    !e.closest(".scroll") && e.getBoundingClientRect().right > root.clientWidth + 1);
  const scrolled = [...document.querySelectorAll(".scroll")].filter(e =>
    e.scrollWidth > e.clientWidth + 1).length;
  const small = [...document.querySelectorAll(".scroll svg")].map(e =>
    Math.round(e.getBoundingClientRect().width));
  root.dataset.found = JSON.stringify({
    inner: innerWidth, page: root.scrollWidth, scrolled, small,
    wide: wide.map(e => e.tagName + "." + e.className).slice(0, 5),
    requests: performance.getEntriesByType("resource").map(e => e.name),
  });
});
</script>
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> Path:
    """A report whose copy carries a probe; the report itself has no script."""
    path = Path(__file__).parent.parent / "report" / "conftest.py"
    spec = importlib.util.spec_from_file_location("report_products", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    home = tmp_path_factory.mktemp("browser")
    module.make_products(home / "reports", home / "processed")
    from gluteal.report import build_document, read_products
    from gluteal.report.html import write_html

    text = write_html(build_document(read_products(home / "reports", home / "processed")))
    probed = home / "probed.html"
    # An inner frame has the width we ask for; a window of chromium is never below 500 pixels.
    probed.write_text(text.replace("</body>", f"{PROBE}</body>"), encoding="utf-8")
    return probed


def show(page: Path, width: int, tmp_path: Path) -> tuple[dict, str]:
    """Load the page at a width; return what the probe found and what the browser logged."""
    import json
    from html import unescape

    frame = tmp_path / "frame.html"
    frame.write_text(
        f'<!doctype html><iframe id="f" src="{page.as_uri()}" width="{width}" height="800">'
        "</iframe>"
        '<script>addEventListener("load", () => setTimeout(() => {'
        'document.body.dataset.found = document.getElementById("f").contentDocument'
        ".documentElement.dataset.found;}, 300));</script>",
        encoding="utf-8",
    )
    done = subprocess.run(
        [str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
         "--disable-background-networking", "--disable-sync", "--allow-file-access-from-files",
         f"--user-data-dir={tmp_path / 'profile'}", "--enable-logging=stderr",
         "--window-size=1600,1000", "--virtual-time-budget=5000", "--dump-dom", frame.as_uri()],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    found = re.search(r'data-found="([^"]*)"', done.stdout)
    assert found, done.stderr[-2000:]
    return json.loads(unescape(found[1])), done.stderr


@pytest.mark.parametrize("width", [360, 1440])
def test_the_page_fits_its_window_and_asks_for_nothing(page, tmp_path, width):
    found, log = show(page, width, tmp_path)
    assert abs(found["inner"] - width) <= 20
    assert not found["wide"]
    assert found["page"] <= found["inner"]
    assert not found["requests"]
    assert "CONSOLE" not in log


def test_the_probe_sees_what_is_too_wide_and_what_is_logged(page, tmp_path):
    bad = tmp_path / "bad.html"
    text = page.read_text(encoding="utf-8")
    extra = '<p style="width:2000px">wide</p><script>console.error("heard")</script></main>'
    bad.write_text(text.replace("</main>", extra), encoding="utf-8")
    found, log = show(bad, 360, tmp_path)
    assert found["wide"] == ["P."]
    assert found["page"] > 360
    assert "CONSOLE" in log


def test_wide_tables_and_figures_scroll_in_their_own_region_on_a_phone(page, tmp_path):
    found, _ = show(page, 360, tmp_path)
    assert found["scrolled"] >= 4
    assert min(found["small"]) >= 400
