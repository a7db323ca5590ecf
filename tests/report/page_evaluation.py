"""The HTML page of an evaluation: valid, of one file, below its size, and in Debian's Chromium with
sorting, filters, themes and without JavaScript. Names that are markup stay names in every format.

Usage: page_evaluation.py DISSENSUS TOY PROJECT
"""
import csv
import io
import json
import re
import subprocess
import sys
import tempfile

import h5py

import page_browser
import page_valid
import studies
from page_browser import opened
from page_valid import SPACE, content

FORMATS = ("table", "csv", "json", "markdown", "latex", "html")


class Maker:
    def __init__(self, program, toy, folder):
        self.program, self.toy = program, toy
        self.studies = studies.Maker(program, folder)
        self.folder = self.studies.folder

    def evaluate(self, name, *axes, permutations=300, bootstrap=60, over="both"):
        """Of the study that a page of results was made of."""
        path, page = self.folder / f"{name}.evaluation.h5", self.folder / f"{name}.evaluation.html"
        studies.run(self.toy, self.folder / f"{name}.study.h5", path, permutations, bootstrap, over,
                    5, 2, *axes)
        studies.run(self.program, "report", path, "--format", "html", "-o", page, "--force")
        return path, page


# --- as text ----------------------------------------------------------------------------------

def check_page(path):
    text, tree = page_valid.parse(path)
    assert path.stat().st_size < page_valid.MOST, path.stat().st_size
    page_valid.check_closed(text, tree)
    page_valid.check_outline(tree)
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)[1]
    scripts = re.findall(r"<script>(.*?)</script>", text, re.S)
    assert len(scripts) == 2
    for inside in scripts:
        digest = page_valid.base64.b64encode(
            page_valid.hashlib.sha256(inside.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy, "a script of another digest"
    assert policy.count("'sha256-") == 3 and policy.startswith("default-src 'none'")
    table = next(t for t in tree.iter(SPACE + "table") if t.get("id") == "all-rows")
    rows = table.findall(f"{SPACE}tbody/{SPACE}tr")
    check_columns(table, rows)
    check_definitions(tree, rows)
    return text, tree, rows


# Rows of all raters have no axis.
FREE = {"Group", "Statistic", "Estimate", "95% interval", "p", "q"}


def check_columns(table, rows):
    """A column that says the same everywhere stands once, in the caption."""
    heads = [content(cell) for cell in table.findall(f"{SPACE}thead/{SPACE}tr/{SPACE}th")]
    caption = content(table.find(f"{SPACE}caption"))
    for at, head in enumerate(heads):
        values = {content(row[at]) for row in rows} - ({""} if head == "Axis" else set())
        assert head in FREE or len(values) > 1, (head, values)
    for head in "Axis", "Question", "Raters":
        assert (head in heads) != (f" {head} " in caption), (head, caption)


def check_definitions(tree, rows):
    """Of every statistic that the table has, and of no other."""
    defined = [content(code) for term in tree.iter(SPACE + "dt") for code in term.iter(SPACE + "code")]
    own = {content(row[1]) for row in rows} - {"difference", "spread"}  # the toy's: of no command
    assert sorted(defined) == sorted(own), (defined, own)


def check_hostile(make):
    make.studies.hostile("hostile")
    path, page = make.evaluate("hostile", studies.HOSTILE_AXIS)
    _, tree, rows = check_page(page)
    names = next(t for t in tree.iter(SPACE + "table") if t.get("id") == "all-rows").iter(SPACE + "bdi")
    groups = set(map(content, names))
    for name in (*studies.HOSTILE, studies.HOSTILE_AXIS, studies.HOSTILE_QUESTION):
        assert name in groups, name
    assert all(image.get("src").startswith("data:") and "onerror" not in image.attrib
               for image in tree.iter(SPACE + "img")), "a name became an image"
    reports = {form: studies.run(make.program, "report", path, "--format", form)
               for form in FORMATS}
    table = list(csv.DictReader(io.StringIO(reports["csv"])))
    assert {row["group"] for row in table} == {*studies.HOSTILE, ""}
    assert {row["axis"] for row in table} == {studies.HOSTILE_AXIS, ""}
    assert all(None not in row and None not in row.values() for row in table), "as many fields"
    data = json.loads(reports["json"])
    assert data["evaluation"] == "severity" and len(data["rows"]) == len(table) == len(rows)
    assert [row["statistic"] for row in data["rows"]] == [row["statistic"] for row in table]
    for row, line in zip(data["rows"], table, strict=True):
        assert (row["value"]["estimate"] is None) == (line["estimate"] == "")
    for form in "table", "markdown", "latex":
        assert "\u202e" not in reports[form] and "\x1b" not in reports[form]
    assert not re.search(r"(?<!\\)<", reports["markdown"]), "an element in Markdown"
    assert studies.LONG not in reports["table"], "a name is cut into lines"
    assert all(len(line) <= 100 for line in reports["table"].splitlines())
    return page


# A statistic is in the files of one kind. What no option leaves out is asked for here in all its rows.
STATISTICS = {
    "severity": {"mean", "median", "share", "mean_difference", "share_difference", "cliffs_delta",
                 "anova_f", "kruskal_h"},
    "classify": {*(rates := ("fnr", "fpr", "precision", "recall", "f1", "auc")), "tp", "fp", "fn",
                 "tn", *(f"{form}{rate}_gap" for rate in rates for form in ("", "largest_"))},
    "steer": {f"{one}{form}" for one in ("pearson", "spearman", "kendall", "mae", "kappa")
              for form in ("", "_gain", "_missteered", "_specificity")},
    "response": {f"{one}{form}" for form in ("", "_difference")
                 for one in ("gamma", "somers_d", "tau_b", "information", "information_share", "rising")},
}


def check_kinds(make):
    """Each command with every statistic: all are defined, those with an author have a reference, and
    counts are whole."""
    study, table = make.folder / "plain.study.h5", make.folder / "predictions.csv"
    studies.write(table, ["item", "gender", "score", "told", "untold"],
                  [[f"i{u}", gender, (u % 4) / 4, u % 4 + 1, u % 3 + 1]
                   for u in range(30) for gender in ("woman", "man")])
    scores = make.folder / "scores.csv"
    studies.write(scores, ["item", "A"], [[f"i{u}", (u * 7 % 30) / 30] for u in range(30)])
    words = {
        "severity": ["--by", "gender", "--statistics", "all"],
        "response": ["--by", "gender"],
        "classify": ["--by", "gender", "--predictions", scores, "--item", "item", "--score-threshold",
                     "0.5", "--threshold", "3", "--gaps", ",".join(rates)],
        "steer": ["--by", "gender", "--predictions", table, "--item", "item", "--prediction", "told",
                  "--baseline", "untold", "--told", "gender"],
    }
    authors = {"severity": ["Cliff, N.", "Fisher, R. A.", "Kruskal, W. H., Wallis"],
               "classify": ["Mann, H. B.", "van Rijsbergen"],
               "steer": ["Cohen, J.", "Kendall, M. G.", "Pearson, K.", "Spearman, C."],
               "response": ["Cover, T. M.", "Goodman, L. A.", "Kendall, M. G.", "Somers, R. H."]}
    for kind, options in words.items():
        path, page = make.folder / f"{kind}.h5", make.folder / f"{kind}.html"
        studies.run(make.program, kind, study, "-o", path, "--question", "harm", "--quiet",
                    "--permutations", "40", *options)
        studies.run(make.program, "report", path, "--format", "html", "-o", page)
        text, tree, rows = check_page(page)
        assert {content(row[1]) for row in rows} == STATISTICS[kind], kind
        for name in (name for names in authors.values() for name in names):
            assert (f"<li>{name}" in text) == (name in authors[kind]), (kind, name)
        for form in "table", "markdown", "latex":
            said = studies.run(make.program, "report", path, "--format", form)
            assert "\u2026" not in said, "something is cut"
        for row in rows:
            if content(row[1]) in ("tp", "fp", "fn", "tn"):
                assert content(row[2]).isdigit(), content(row[2])


def check_design(make):
    """Two sites share one item of seven, and everybody rated half of all: every format says what that means
    for tests that exchange raters, and none of a study in which everybody rated everything."""
    told = ("Scheme free takes all raters to be exchangeable", "2 groups share under half of their items")
    for name, apart in ("apart", True), ("whole", False):
        table, study, path = (make.folder / f"{name}.design.{end}" for end in ("csv", "study.h5", "h5"))
        studies.write(table, ["rater", "item", "harm", "site"],
                      [[f"r{r}", f"i{u}", (r * u + r) % 4 + 1, "AB"[r % 2]] for r in range(12)
                       for u in range(13) if not apart or 6 * (r % 2) <= u <= 6 + 6 * (r % 2)])
        studies.run(make.program, "import", table, "-o", study, "--rater", "rater", "--item", "item",
                    "--rating", "harm:ordinal", "--rater-attr", "site", "--quiet")
        studies.run(make.program, "severity", study, "-o", path, "--by", "site", "--quiet",
                    "--permutations", "99")
        for form in FORMATS:
            said = " ".join(studies.run(make.program, "report", path, "--format", form).split())
            for warning in told:
                assert (warning in said) == (apart and form != "csv"), (name, form, warning)
        data = json.loads(studies.run(make.program, "report", path, "--format", "json"))
        assert [(g["group"], g["raters"], g["n_items"], g["n_shared"]) for g in data["groups"]] == \
            [(site, 6, *((7, 1) if apart else (13, 13))) for site in "AB"], data["groups"]


# --- in a browser -----------------------------------------------------------------------------

def shown(page):
    return page.evaluate("""() => [...document.querySelectorAll("#all-rows tbody tr")]
      .filter((r) => r.checkVisibility()).map((r) => r.textContent)""")


def values(page, heading):
    return page.evaluate("""(heading) => {
      const t = document.getElementById("all-rows");
      const at = [...t.tHead.rows[0].cells].findIndex((c) => c.textContent === heading);
      return [...t.tBodies[0].rows].filter((r) => r.checkVisibility())
        .map((r) => r.cells[at].dataset.v === undefined ? r.cells[at].textContent
          : r.cells[at].dataset.v === "" ? null : Number(r.cells[at].dataset.v));
    }""", heading)


def check_table(page):
    every = shown(page)
    for heading in "Estimate", "95% interval", "p", "q", "Raters", "Axis":
        button = page.locator("#all-rows").get_by_role("button", name=heading, exact=True)
        for down in False, True:
            button.click()
            found = [None if v == "" else v for v in values(page, heading)]
            known = [v for v in found if v is not None]
            assert heading not in ("p", "q", "Axis") or len(known) < len(found), heading
            assert found[:len(known)] == known, "undefined values come last"
            assert known == sorted(known, reverse=down) and (heading == "q" or len(set(known)) > 1), \
                (heading, found)
            assert f"sorted by {heading}" in page.locator("#rows").inner_text()
    page.locator("#reset").click()
    assert shown(page) == every
    page.get_by_label("Find").fill("woman mean")
    assert 0 < len(shown(page)) < len(every)
    assert all("woman" in row and "mean" in row for row in shown(page))
    page.get_by_label("Find").fill("")
    page.get_by_label("Significance").select_option("2")
    assert all(q < 0.05 for q in values(page, "q"))
    page.get_by_label("Find").fill("nobody at all")
    assert shown(page) == [] and page.locator("#rows").inner_text().startswith("0 of")
    page.locator("#reset").click()
    page_browser.check_contrast(page)


def check_without_script(browser, path):
    with opened(browser, path, java_script_enabled=False) as page:
        assert page.locator("#still").is_visible() and not page.locator("#controls").is_visible()
        assert page.locator("#all-rows tbody tr").count() > 10


def check_browser(make, plain, hostile, many):
    with page_browser.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=page_browser.CHROMIUM, args=["--no-sandbox"])
        with opened(browser, plain) as page:
            check_table(page)
        with opened(browser, plain, color_scheme="dark") as page:
            page_browser.check_contrast(page)
            page.get_by_label("Theme").select_option("light")
            assert page_browser.background(page) == "rgb(255, 255, 255)"
        page_browser.check_narrow(browser, plain)
        check_without_script(browser, plain)
        with opened(browser, hostile) as page:
            assert page.locator("#all-rows tbody tr").first.is_visible()
        with opened(browser, many) as page:
            assert len(shown(page)) == 250 and page.locator("#further").is_visible()
            page.locator("#further").click()
            assert len(shown(page)) == 500
        browser.close()


# --- the command ------------------------------------------------------------------------------

def check_command(make, path):
    """Errors are those of results; figures have a test of their own."""
    saved = make.folder / "saved.csv"
    studies.run(make.program, "report", path, "--format", "csv", "-o", saved)
    assert saved.read_text() == studies.run(make.program, "report", path, "--format", "csv")
    done = subprocess.run([make.program, "report", path, "--format", "csv", "-o", saved],
                          capture_output=True, text=True)
    assert done.returncode == 4, "it is there already"
    with h5py.File(path, "r+") as file:
        del file["notes"]
    done = subprocess.run([make.program, "report", path], capture_output=True, text=True)
    assert done.returncode == 3 and "/notes: is missing" in done.stderr, done


def main():
    with tempfile.TemporaryDirectory(prefix="dissensus-page-") as folder:
        make = Maker(sys.argv[1], sys.argv[2], folder)
        make.studies.plain("plain", "--permutations", "50")
        path, plain = make.evaluate("plain", "gender", "gender,age", permutations=1200)
        text, _, rows = check_page(plain)
        assert len(rows) > 20 and "In short" in text and "Severity of ratings by group" in text
        check_kinds(make)
        check_design(make)
        check_command(make, path)
        check_page(make.evaluate("plain", "gender", permutations=0, bootstrap=0)[1])
        hostile = check_hostile(make)
        make.studies.groups("many", 700, "--permutations", "20")
        _, many = make.evaluate("many", "group", permutations=40, bootstrap=0)
        rows = check_page(many)[2]
        assert len(rows) == 1 + 1 + 3 * 700 - 1, len(rows)
        print(f"{len(rows)} rows: {many.stat().st_size / 1e6:.1f} MB")
        check_browser(make, make.evaluate("plain", "gender", "gender,age", permutations=1200)[1],
                      hostile, many)
    print("the page of an evaluation is valid, and works in a browser")


if __name__ == "__main__":
    main()
