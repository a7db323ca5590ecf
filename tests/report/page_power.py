"""The HTML page of powers: valid, of one file, without scripts; names that are markup stay names in every
format.

Usage: page_power.py DISSENSUS PROJECT
"""
import json
import re
import sys
import tempfile

import page_valid
import studies
from page_valid import SPACE, content

GROUP = "<script>alert(1)</script> & \"q\" | _x_ $1% \u202e\u05e2\u05d1"
QUESTION = "<b>how bad & \\x{y}"
SMALL = ("--items", 8, "--studies", 5, "--permutations", 99, "--quiet")


def check_page(path):
    text, tree = page_valid.parse(path)
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)[1]
    assert "script-src 'none'" in policy and policy.startswith("default-src 'none'"), policy
    for element in tree.iter():
        name = element.tag.removeprefix(SPACE) if isinstance(element.tag, str) else ""
        assert name not in ("script", "link", "iframe", "object", "embed", "base", "form"), name
        for key, value in element.attrib.items():
            assert not key.startswith("on") and key != "style", (name, key)
            if key in ("src", "href"):
                assert value.startswith(("#", "data:image/svg+xml;base64,")), (name, value)
    page_valid.check_outline(tree)
    return text, tree


def rows_of(tree, label):
    region = next(e for e in tree.iter(SPACE + "div") if e.get("aria-label") == label)
    return [[content(cell) for cell in row] for row in region.find(SPACE + "table").iter(SPACE + "tr")]


def main():
    program = sys.argv[1]
    with tempfile.TemporaryDirectory(prefix="dissensus-page-") as folder:
        folder = studies.pathlib.Path(folder)
        words = ("power", "--attribute", f"g={GROUP},b", "--question", f"{QUESTION}=1,1,1",
                 "--raters-per-group", "4,8", "--gai", "1.5,2", *SMALL)
        page = folder / "plan.html"
        studies.run(program, *words, "--format", "html", "-o", page)
        text, tree = check_page(page)
        points, needs = rows_of(tree, "Every point"), rows_of(tree, "What is needed")
        made = json.loads(studies.run(program, *words, "--format", "json"))["points"]
        assert sum(point["added"] is None for point in made) == 6 and len(made) > 6, made
        assert len(points) == 1 + len(made) and len(needs) == 1 + 2 + 2, (len(points), len(needs))
        shown = "g=" + GROUP.replace("\u202e", " ")
        assert all(row[0] == shown for row in points[1:] + needs[1:]), (shown, points[1])
        assert QUESTION in content(next(tree.iter(SPACE + "main"))), "the question is named"
        figures = [e for e in tree.iter(SPACE + "img")]
        assert len(figures) == 1 or "has no Cairo and Pango" in text, "a figure, where it is drawn"

        markdown = studies.run(program, *words, "--format", "markdown")
        assert not re.search(r"(?<!\\)<", markdown), "an element in Markdown"
        table = [line for line in markdown.splitlines() if line.startswith("|")]
        cells = {len(re.findall(r"(?<!\\)\|", line)) for line in table}
        assert len(table) == 2 + len(made) + 2 + 4 and cells == {10, 7}, cells
        latex = studies.run(program, *words, "--format", "latex")
        inside = latex.split("\\endlastfoot")[1].split("\\end{longtable}")[0].strip().splitlines()
        assert len(inside) == len(made), inside
        for line in inside:
            assert len(re.findall(r"(?<!\\)&", line)) == 8, line
            assert not re.search(r"(?<!\\)[%#_]", line), line
        for form in markdown, latex, studies.run(program, *words):
            assert "\u202e" not in form and "\x1b" not in form

        study, page = folder / "study.h5", folder / "study.html"
        studies.run(program, "simulate", "-o", study, "--attribute", "g=a,b,c", "--raters", 24, "--items",
                    12, "--quiet")
        studies.run(program, "power", "--study", study, "--gai", "1.5,2", *SMALL[2:], "--format", "html",
                    "-o", page)
        text, tree = check_page(page)
        assert {row[0] for row in rows_of(tree, "What is needed")[1:]} == {"g=a", "g=b", "g=c"}
        assert "How small a GAI could this study have found?" in text
    print("the page of powers is valid HTML of one file")


if __name__ == "__main__":
    main()
