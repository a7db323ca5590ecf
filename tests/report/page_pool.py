"""The HTML page of simulated studies: valid, of one file, without scripts; names that are markup stay names
in every format, and the numbers are those of the other formats.

Usage: page_pool.py DISSENSUS PROJECT
"""
import json
import re
import sys
import tempfile

import studies
from page_power import check_page, rows_of
from page_valid import SPACE, content

GROUP = "<script>alert(1)</script> & \"q\" | _x_ $1% \u202e\u05e2\u05d1"
QUESTION = "<b>how \"bad\" & \\x{y}"
SHOWN = GROUP.replace("\u202e", " ")


def check_numbers(tree, said, columns):
    """A table's rows are the groups of its question, each number with three decimals."""
    rows = rows_of(tree, QUESTION)
    groups = [g for g in said["groups"] if g["question"] == QUESTION]
    assert len(rows) == 1 + len(groups) and len(rows[0]) == 1 + len(columns), rows
    for row, group in zip(rows[1:], groups):
        assert row[0] == group["group"].replace("\u202e", " "), row
        for cell, (name, form) in zip(row[1:], columns):
            wanted = "" if group[name] is None else form % group[name]
            assert cell == wanted, (row, name, wanted)


def main():
    program = sys.argv[1]
    with tempfile.TemporaryDirectory(prefix="dissensus-page-") as folder:
        folder = studies.pathlib.Path(folder)

        def simulate(name, *words, format="html"):
            return studies.run(program, "simulate", "-o", folder / f"{name}.h5", "--force", "--quiet",
                               "--format", format, *words)

        words = ("--attribute", f"g={GROUP},b", "--attribute", "h=c,d", "--question", f"{QUESTION}=1,2,1",
                 "--question", "kind:nominal=1,1", "--raters", 24, "--items", 12, "--batches", 2,
                 "--missing", 0.25, "--effect", f"g=b,h=c: cohesion 0.5 severity -0.3")
        page = folder / "pool.html"
        page.write_text(simulate("pool", *words), encoding="utf-8")
        text, tree = check_page(page)
        said = json.loads(simulate("pool", *words, format="json"))
        three = [(name, "%.3f") for name in ("model_irr", "irr", "model_gai", "gai")]
        check_numbers(tree, said, [("raters", "%d"), ("planted_severity", "%+.2f"), ("model_mean", "%.3f"),
                                   ("mean", "%.3f"), ("planted_cohesion", "%+.2f"), *three])
        counts = rows_of(tree, "Who rated how much")
        assert [row[0] for row in counts[1:]] == [QUESTION, "kind"], counts
        ratings = sum(g["ratings"] for g in said["groups"] if g["question"] == QUESTION and g["axis"] == "h")
        assert counts[1][1:4] == ["24", "12", str(ratings)], counts
        words_of = content(next(tree.iter(SPACE + "main")))
        for sentence in ("in 2 batches, whose raters rate their own items alone",
                         "each rating was left out with chance 0.25", "nothing is tested", "Mehler's series"):
            assert sentence in words_of or sentence in text, sentence
        images = list(tree.iter(SPACE + "img"))
        assert len(images) == 1 or "has no Cairo and Pango" in text, "a figure, where it is drawn"
        for image in images:  # who does not see it is told the numbers
            last = said["groups"][4]
            told = f"b * c IRR {last['irr']:.3f} (model {last['model_irr']:.3f}), GAI {last['gai']:.3f}"
            assert told.replace("-", "\u2212") in image.get("alt"), image.get("alt")

        for name in ("table", "markdown", "latex"):
            form = simulate("pool", *words, format=name)
            assert "\u202e" not in form and "\x1b" not in form, name
        assert not re.search(r"(?<!\\)<", simulate("pool", *words, format="markdown")), "an element in Markdown"

        grown = ("--from", folder / "pool.h5", "--times", 3)
        page.write_text(simulate("grown", *grown), encoding="utf-8")
        text, tree = check_page(page)
        said = json.loads(simulate("grown", *grown, format="json"))
        three = [(f"{of}{name}", "%.3f") for name in ("mean", "irr", "gai") for of in ("source_", "")]
        check_numbers(tree, said, [("source_raters", "%d"), ("raters", "%d"), ("fitted_cohesion", "%+.2f"),
                                   *three])
        counts = rows_of(tree, "Who rated how much")
        assert [row[1] for row in counts[1:]] == ["the study", "the pool"] * 2, counts
        assert [row[2] for row in counts[1:]] == ["24", "72"] * 2, counts
        assert "each rater stands for 3 new ones" in text and "on any machine" not in text
    print("the page of simulated studies is valid HTML of one file")


if __name__ == "__main__":
    main()
