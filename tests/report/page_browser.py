"""The HTML report in Debian's Chromium, opened from disk: sorting, filters, details, themes, keyboard,
print, and names that are markup. Any request, console message or refused piece ends the test.

Usage: page_browser.py DISSENSUS
"""
import contextlib
import re
import shutil
import sys
import tempfile

import studies

try:
    from playwright.sync_api import sync_playwright
except ImportError:
    print("SKIPPED: page-browser needs playwright (tests/requirements.txt)")
    sys.exit(77)
CHROMIUM = shutil.which("chromium")
if not CHROMIUM:
    print("SKIPPED: page-browser needs chromium (Debian: chromium)")
    sys.exit(77)

A4 = {"width": 1280, "height": 900}
# Every text's contrast with what is behind it, where it is shown.
CONTRAST = """() => {
  const parts = (c) => (c.match(/[\\d.]+/g) || [0, 0, 0, 0]).map(Number);
  const light = (c) => {
    const [r, g, b] = c.map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (e) => {
    for (; e; e = e.parentElement) {
      const c = parts(getComputedStyle(e).backgroundColor);
      if (c.length < 4 || c[3] > 0) return c.slice(0, 3);
    }
    return matchMedia("(prefers-color-scheme: dark)").matches ? [0, 0, 0] : [255, 255, 255];
  };
  let n = 0;
  const bad = [];
  for (const e of document.body.querySelectorAll("*")) {
    if (![...e.childNodes].some((c) => c.nodeType === 3 && c.data.trim())) continue;
    if (!e.checkVisibility() || ["SCRIPT", "OPTION"].includes(e.tagName)) continue;
    const [a, b] = [light(parts(getComputedStyle(e).color).slice(0, 3)), light(behind(e))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    n++;
    if (!(ratio >= 4.5)) bad.push(e.tagName + " " + e.textContent.slice(0, 40) + " " + ratio.toFixed(2));
  }
  return [n, bad];
}"""


@contextlib.contextmanager
def opened(browser, path, **options):
    """The page, and at the end the proof that it asked for nothing and complained of nothing."""
    context = browser.new_context(**{"viewport": A4, "color_scheme": "light", **options})
    context.set_default_timeout(180_000)  # no page is that slow; a busy machine is
    page = context.new_page()
    said, asked = [], []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: (said.append("dialog " + dialog.message), dialog.dismiss()))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    yield page
    assert not said, said
    assert [url for url in asked if not url.startswith("data:")] == [path.as_uri()], asked
    context.close()


def names(page, table=0):
    return page.evaluate("""(table) => [...document.querySelectorAll("table.grasp")[table]
      .tBodies[0].rows].filter((r) => r.checkVisibility() && r.className !== "details")
      .map((r) => r.cells[0].querySelector("bdi").textContent)""", table)


def column(page, heading, table=0):
    return page.evaluate("""([heading, table]) => {
      const t = document.querySelectorAll("table.grasp")[table];
      const at = [...t.tHead.rows[0].cells].findIndex((c) => c.textContent === heading);
      return [...t.tBodies[0].rows].filter((r) => r.checkVisibility())
        .map((r) => r.cells[at].textContent);
    }""", [heading, table])


def numbers(texts):
    """The leading number of each, or None."""
    found = []
    for text in texts:
        word = text.split()[0].split("[")[0]
        found.append(None if word.startswith("\u2013") else float(word))
    return found


def check_order(values, down=False):
    known = [v for v in values if v is not None]
    assert values[:len(known)] == known, f"undefined values come last: {values}"
    assert known == sorted(known, reverse=down) and len(set(known)) > 1, values


def heading(page, text):
    return page.locator("table.grasp").first.get_by_role("button", name=text, exact=True)


def check_sort(page):
    first = names(page)
    for text, down in ("GAI", False), ("GAI", True), ("Raters", False), ("IRR", True):
        for _ in range(2 if down and text != "GAI" else 1):
            heading(page, text).click()
        cell = page.locator("table.grasp").first.locator("th[aria-sort]:not([aria-sort=none])")
        assert cell.count() == 1
        assert cell.get_attribute("aria-sort") == ("descending" if down else "ascending"), text
        values = numbers(column(page, text))
        check_order(values, down)
        assert f"sorted by {text}" in page.locator("#rows").inner_text()
    heading(page, "IRR").click()  # the third time: as at first
    assert names(page) == first
    assert page.locator("th[aria-sort=ascending], th[aria-sort=descending]").count() == 0
    # By keyboard, and by text.
    heading(page, "Group").focus()
    page.keyboard.press("Enter")
    assert names(page) == sorted(names(page)) and names(page) != first
    page.keyboard.press("Space")
    assert names(page) == sorted(names(page), reverse=True)
    page.locator("#reset").click()
    assert names(page) == first


def check_filters(page):
    every = names(page)
    page.get_by_label("Find").fill("woman OLD")
    assert 0 < len(names(page)) < len(every)
    assert all("woman" in n and "old" in n for n in names(page)), names(page)
    assert f"{len(names(page))} of {len(every)} rows shown" in page.locator("#rows").inner_text()
    page.get_by_label("Find").fill("nobody at all")
    assert names(page) == [] and page.locator("#rows").inner_text().startswith("0 of")
    page.locator("#reset").click()
    page.get_by_label("Question").select_option(label="tone")
    assert set(column(page, "Question")) == {"tone"} and 2 * len(names(page)) == len(every)
    page.get_by_label("Axis").select_option(label="gender*age")
    assert set(column(page, "Axis")) == {"gender*age"} and set(column(page, "Question")) == {"tone"}
    page.locator("#reset").click()
    for label, least in ("p < 0.05 in a statistic", "*"), ("q < 0.05 in a statistic", "**"):
        page.get_by_label("Significance").select_option(label=label)
        shown = page.evaluate("""() => [...document.querySelectorAll("table.grasp tbody tr")]
          .filter((r) => r.checkVisibility()).map((r) => r.textContent)""")
        assert 0 < len(shown) < len(every) and all(least in text for text in shown), shown
    assert any("woman * old" in text for text in shown), shown
    page.locator("#reset").click()
    assert names(page) == every


def check_whose(page):
    """p and q of another statistic, and sorting by them."""
    before = column(page, "p (GAI)")
    page.get_by_label("p and q of").select_option(label="XRR")
    assert column(page, "p (XRR)") != before
    page.get_by_role("button", name="q (XRR)").click()
    check_order(numbers(column(page, "q (XRR)")))
    page.locator("#reset").click()
    page.get_by_label("p and q of").select_option(label="GAI")
    assert column(page, "p (GAI)") == before


def check_details(page):
    button = page.locator("button.more").first
    name = names(page)[0]
    assert button.get_attribute("aria-label") == f"Details of {name}"
    button.focus()
    page.keyboard.press("Enter")
    assert button.get_attribute("aria-expanded") == "true"
    text = page.locator("tr.details").inner_text()
    for part in ("Null mean", "Null SD", "Resamples", "Undefined", "maxT", "Items in XRR",
                 "Resamples with XRR", "Fieller", "Monte-Carlo interval of p", "95% interval"):
        assert part in text, (part, text)
    heading(page, "GAI").click()  # it stays with its row
    row = page.locator("tr.details").locator("xpath=preceding-sibling::tr[1]")
    assert row.locator("bdi").first.inner_text() == name
    page.locator("#reset").click()
    page.locator("button.more").first.click()
    assert page.locator("tr.details").count() == 0


def check_keyboard(page):
    """The first stop is the link past the head; every control is reached, and seen."""
    page.locator("h1").click()
    page.keyboard.press("Tab")
    reached = []
    for _ in range(40):
        reached.append(page.evaluate("""() => {
          const e = document.activeElement, s = getComputedStyle(e);
          return [e.id || e.className || e.tagName, s.outlineStyle !== "none"];
        }"""))
        page.keyboard.press("Tab")
    assert all(seen for _, seen in reached), reached
    for name in "theme", "filter-search", "filter-marks", "whose", "reset", "more":
        assert name in [what for what, _ in reached], (name, reached)


def background(page):
    return page.evaluate("getComputedStyle(document.body).backgroundColor")


def check_contrast(page, least=100):
    n, bad = page.evaluate(CONTRAST)
    assert n > least and not bad, (n, bad)


def check_theme(browser, path):
    grounds = {}
    for system in "light", "dark":
        with opened(browser, path, color_scheme=system) as page:
            page.locator("button.more").first.click()
            grounds[system] = background(page)
            check_contrast(page)
            other = "dark" if system == "light" else "light"
            page.get_by_label("Theme").select_option(other)
            grounds[system, other] = background(page)
            check_contrast(page)
            page.get_by_label("Theme").select_option("")
            assert background(page) == grounds[system]
    assert grounds["light"] == grounds["dark", "light"] != grounds["dark"], grounds
    assert grounds["dark"] == grounds["light", "dark"], grounds


def check_refused_storage(browser, path):
    """A browser that keeps nothing for files: the switch works, without a word."""
    context = browser.new_context()
    page = context.new_page()
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.add_init_script("""Object.defineProperty(window, "localStorage",
      { get() { throw new DOMException("no storage here"); } })""")
    page.goto(path.as_uri())
    before = background(page)
    page.get_by_label("Theme").select_option("dark")
    assert background(page) != before and not said, said
    context.close()


def check_figures(page, least=6):
    """Every drawing is one that the browser can draw; without Cairo the page says so."""
    if page.get_by_text("draws no figures").count():
        print("SKIPPED: figures, which this build does not draw")
        return
    sizes = page.evaluate("""async () => {
      await Promise.all([...document.images].map((i) => i.decode()));
      return [...document.images].map((i) => i.naturalWidth);
    }""")
    assert len(sizes) >= least and all(size > 0 for size in sizes), sizes


def check_without_script(browser, path):
    with opened(browser, path, java_script_enabled=False) as page:
        assert page.locator("table.grasp tbody tr").count() > 10
        assert page.locator("table.grasp tbody tr").last.is_visible()
        assert not page.locator("#controls").is_visible()
        assert page.get_by_text("need JavaScript").is_visible()


def check_print(page, folder, headings, repeated):
    """What stands on paper, upright and across. repeated: of each row of the table."""
    for across in False, True:
        file = folder / f"print{across:d}.pdf"
        page.pdf(path=str(file), format="A4", landscape=across)
        if not shutil.which("pdftotext"):
            print("SKIPPED: the text of the print, which needs pdftotext (Debian: poppler-utils)")
            continue
        text = studies.run("pdftotext", "-layout", file, "-")
        for word in headings:
            assert word in text, (word, across)
        for word in "as the system", "Show all as at first", "Skip to the report", "rows shown":
            assert word not in text, (word, across)
        pages = [p for p in text.split("\f") if re.search(repeated, p)]
        assert len(pages) > 1, "a table over several pages"
        assert all("IRR-XRR" in p for p in pages), "its headings again on every page"


def print_widths(page):
    """What would stick out of an A4 page, upright (186 mm of 96 dpi) and across."""
    for millimetres in 186, 273:
        page.set_viewport_size({"width": int(millimetres / 25.4 * 96), "height": 1000})
        page.emulate_media(media="print")
        wide = page.evaluate("""() => [...document.querySelectorAll("table, p, li, img")]
          .filter((e) => e.getBoundingClientRect().right > innerWidth + 1)
          .map((e) => e.tagName + " " + e.getBoundingClientRect().right + " of " + innerWidth)""")
        assert not wide, wide
    page.emulate_media(media="screen")
    page.set_viewport_size(A4)


def check_narrow(browser, path):
    """On a telephone only tables scroll sideways, each in its own frame."""
    with opened(browser, path, viewport={"width": 360, "height": 740}) as page:
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "too wide"


def check_still(browser, path):
    """A page without scripts, of powers or of a pool: both themes, its figure, paper, a telephone."""
    grounds = set()
    for system in "light", "dark":
        with opened(browser, path, color_scheme=system) as page:
            grounds.add(background(page))
            check_contrast(page, 60)
            check_figures(page, 1)
            print_widths(page)
    assert len(grounds) == 2, grounds
    check_narrow(browser, path)


def still_pages(program, folder):
    """A page of powers, of a pool and of one grown from it; names that are long."""
    folder, wide = studies.pathlib.Path(folder), "a group whose name goes on and on and on"
    pool = ("--attribute", f"g={wide},b", "--question", "harm=1,2,1", "--question", "kind:nominal=1,1",
            "--items", 10, "--quiet")
    powers = ("power", *pool[:4], *pool[6:], "--raters-per-group", "4,8", "--gai", 2, "--studies", 5,
              "--permutations", 99)
    made = ("simulate", *pool, "--raters", 20, "-o", folder / "pool.h5", "--missing", 0.2)
    grown = ("simulate", "--from", folder / "pool.h5", "-o", folder / "grown.h5", "--quiet")
    for number, words in enumerate((powers, made, grown)):
        path = folder / f"still{number}.html"
        path.write_text(studies.run(program, *words, "--format", "html"), encoding="utf-8")
        yield path


def check_hostile(browser, path):
    with opened(browser, path) as page:
        shown = names(page)
        for name in studies.HOSTILE:
            assert name in shown, (name, shown)
        assert page.evaluate("""() => [...document.images].every((i) =>
          i.src.startsWith("data:") && i.parentElement.matches("figure") && i.alt)""")
        assert page.locator("b[onclick]").count() == 0
        assert studies.HOSTILE_QUESTION in page.locator("caption").first.inner_text()
        options = page.get_by_label("Axis").locator("option").all_inner_texts()
        assert studies.HOSTILE_AXIS in options, options
        for button in page.locator("button.more").all():
            button.click()
        text = page.locator("tr.details").first.inner_text()
        for level in studies.HOSTILE_LEVELS:
            assert level in text, (level, text)
        for word in studies.SCRIPT, studies.HEBREW, studies.EMOJI:
            page.get_by_label("Find").fill(word)
            assert names(page) and all(word in name for name in names(page)), (word, names(page))
        print_widths(page)
    check_narrow(browser, path)


def check_sizes(browser, make):
    with opened(browser, make.groups("one", 1, "--permutations", "50")) as page:
        assert names(page) == ["everyone"]
        heading(page, "Raters").click()
        page.locator("button.more").click()
        assert "1 of 1 row shown" in page.locator("#rows").inner_text()
    with opened(browser, make.groups("some", 120, "--permutations", "40")) as page:
        check_print(page, make.folder, ["Ratings", "group 7 of", "Provenance"], r"group \d+ of the many +2 +\d+ ")
    with opened(browser, make.groups("many", 2000, "--permutations", "40")) as page:
        assert len(names(page)) == 250
        page.get_by_role("button", name="more rows").click()
        assert len(names(page)) == 500
        heading(page, "GAI").click()
        check_order(numbers(column(page, "GAI"))[:500])
        page.get_by_label("Find").fill("group 1234 ")
        assert names(page) == ["group 1234 of the many"]
        page.locator("#reset").click()
        page.emulate_media(media="print")
        assert len(names(page)) == 2000, "paper has them all"
        page.emulate_media(media="screen")
        page.get_by_label("Find").fill("group 1234 ")
        assert names(page) == ["group 1234 of the many"]
        page.emulate_media(media="print")
        assert len(names(page)) == 2000, "also those that a filter hides"


def main():
    program = sys.argv[1]
    with tempfile.TemporaryDirectory(prefix="dissensus-page-") as folder, sync_playwright() as play:
        make = studies.Maker(program, folder)
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        print("Chromium", browser.version)
        plain = make.plain("plain", "--by", "all", "--permutations", "1200", "--bootstrap", "100")
        with opened(browser, plain) as page:
            check_sort(page)
            check_filters(page)
            check_whose(page)
            check_details(page)
            check_keyboard(page)
            check_figures(page)
            print_widths(page)
        check_theme(browser, plain)
        check_refused_storage(browser, plain)
        check_without_script(browser, plain)
        check_narrow(browser, plain)
        everything = make.plain("everything", "--by", "all", "--permutations", "300", "--metrics",
                                "all", "--bootstrap", "60", "--question", "harm")
        with opened(browser, everything) as page:
            assert page.locator("table.grasp").count() == 2
            page.get_by_label("p and q of").select_option(label="Voting")
            assert len(column(page, "p (Voting)", 1)) == len(names(page, 1))
            print_widths(page)
        check_narrow(browser, everything)
        check_hostile(browser, make.hostile("hostile"))
        for path in still_pages(program, folder):
            check_still(browser, path)
        check_sizes(browser, make)
        browser.close()
    print("the HTML report works in a browser")


if __name__ == "__main__":
    main()
