"""The HTML report as text: valid HTML, nothing from outside, below its size, colours told apart.

Usage: page_valid.py DISSENSUS PROJECT
"""
import base64
import hashlib
import json
import re
import sys
import tempfile

import studies

try:
    import html5lib
except ImportError:
    print("SKIPPED: page-valid needs html5lib (tests/requirements.txt)")
    sys.exit(77)

MOST = 10 * 1000 * 1000
SPACE = "{http://www.w3.org/1999/xhtml}"


def parse(path):
    """Strict: any error of syntax, unclosed elements and bad nesting included, ends the test."""
    text = path.read_text(encoding="utf-8")
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=True)
    return text, parser.parse(text)


def content(element):
    return "".join(element.itertext())


def check_policy(text):
    """The policy allows our own style and script by their digests, and images that are data."""
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)[1]
    for name in "style", "script":
        inside = re.search(rf"<{name}>(.*?)</{name}>", text, re.S)[1]
        digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in policy, policy
    rest = re.sub(r"'sha256-[^']*'", "OURS", policy)
    assert rest == ("default-src 'none'; img-src data:; style-src OURS; script-src OURS; "
                    "base-uri 'none'; form-action 'none'"), rest


def check_closed(text, tree):
    """Nothing is fetched and nothing runs that is not ours."""
    for element in tree.iter():
        name = element.tag.removeprefix(SPACE) if isinstance(element.tag, str) else ""
        assert name not in ("link", "iframe", "object", "embed", "base", "form"), name
        for key, value in element.attrib.items():
            assert not key.startswith("on") and key != "style", (name, key)
            if key in ("src", "href"):
                assert value.startswith(("#", "data:image/svg+xml;base64,")), (name, value)
    assert len(re.findall(r"<script\b", text)) == 2, "the data and the script"
    assert "@import" not in text and "url(" not in text


def check_outline(tree):
    """One h1, no level left out, unique ids, links that lead somewhere, tables with captions."""
    levels = [int(e.tag[-1]) for e in tree.iter() if re.fullmatch(SPACE + "h[1-6]", str(e.tag))]
    assert levels[0] == 1 and levels.count(1) == 1, levels
    assert all(b <= a + 1 for a, b in zip(levels, levels[1:])), levels
    ids = [e.get("id") for e in tree.iter() if e.get("id")]
    assert len(ids) == len(set(ids)), ids
    for link in tree.iter(SPACE + "a"):
        assert link.get("href")[1:] in ids, link.get("href")
    for table in tree.iter(SPACE + "table"):
        assert content(table.find(SPACE + "caption")).strip()
        assert all(head.get("scope") for head in table.iter(SPACE + "th"))
    for image in tree.iter(SPACE + "img"):
        assert image.get("alt")
    root = tree if tree.tag == SPACE + "html" else tree.find(SPACE + "html")
    assert root.get("lang") == "en"


def check_data(tree):
    """The block of numbers is JSON and has a row for every row of the table."""
    block = next(e for e in tree.iter(SPACE + "script") if e.get("type"))
    data = json.loads(content(block))
    tables = [t for t in tree.iter(SPACE + "table") if "grasp" in t.get("class", "")]
    for table in tables:
        assert len(table.findall(f"{SPACE}tbody/{SPACE}tr")) == len(data["rows"])
    return data, tables


def names_of(table):
    return [content(row.find(SPACE + "th")) for row in table.iter(SPACE + "tr")
            if row.find(SPACE + "td") is not None]


# --- colours ----------------------------------------------------------------------------------

def luminance(color):
    parts = [int(color[i:i + 2], 16) / 255 for i in (1, 3, 5)]
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one, two):
    a, b = sorted((luminance(one), luminance(two)), reverse=True)
    return (a + 0.05) / (b + 0.05)


def seen_by(color, matrix):
    """A colour as people with two kinds of cones see it (Vienot, Brettel and Mollon 1999, linear)."""
    linear = [int(color[i:i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in linear]
    return [sum(m * c for m, c in zip(row, linear)) for row in matrix]


PROTAN = [[0.11238, 0.88762, 0], [0.11238, 0.88762, 0], [0.00401, -0.00401, 1]]
DEUTAN = [[0.29275, 0.70725, 0], [0.29275, 0.70725, 0], [-0.02234, 0.02234, 1]]


def check_colors(project):
    css = (project / "host/report/page.css").read_text()
    pairs = dict(re.findall(r"--([a-z-]+): light-dark\((#\w{6}, #\w{6})\)", css))
    themes = [{name: value.split(", ")[i] for name, value in pairs.items()} for i in (0, 1)]
    for theme in themes:
        for ink in "ink", "soft", "accent", "above", "below":
            for ground in "paper", "panel", "found", "warn":
                ratio = contrast(theme[ink], theme[ground])
                assert ratio >= 4.5, f"{ink} on {ground}: {ratio:.2f}"
        for matrix in PROTAN, DEUTAN:
            above, below = (seen_by(theme[name], matrix) for name in ("above", "below"))
            assert max(abs(a - b) for a, b in zip(above, below)) > 0.15, (above, below)
    assert contrast("#767676", "#ffffff") > 4.5 > contrast("#777777", "#ffffff"), "the measure itself"


# --- the pages --------------------------------------------------------------------------------

def check_page(path):
    text, tree = parse(path)
    assert path.stat().st_size < MOST, path.stat().st_size
    check_policy(text)
    check_closed(text, tree)
    check_outline(tree)
    data, tables = check_data(tree)
    return text, tree, data, tables


def main():
    program, project = sys.argv[1], studies.pathlib.Path(sys.argv[2])
    check_colors(project)
    try:
        html5lib.HTMLParser(strict=True).parse("<!DOCTYPE html><title>x</title><p></b>")
    except Exception:
        pass
    else:
        raise AssertionError("the parser says nothing about a stray end tag")
    with tempfile.TemporaryDirectory(prefix="dissensus-page-") as folder:
        make = studies.Maker(program, folder)
        check_page(make.plain("default", "--by", "all", "--permutations", "300"))
        everything = make.plain("everything", "--by", "all", "--permutations", "1200", "--metrics",
                                "all", "--bootstrap", "200", "--ties", "skip")
        assert len(check_page(everything)[3]) == 2, "two tables"
        check_page(make.plain("pairs", "--metrics", "gai-table,pair-gai", "--permutations", "200"))
        check_page(make.plain("none", "--permutations", "0", "--question", "tone"))
        check_page(make.plain("stopped", "--permutations", "9000", "--stop-after", "20", "--scheme",
                              "strata:age", "--by", "gender"))

        _, tree, data, tables = check_page(make.hostile("hostile"))
        names = names_of(tables[0])
        for name in studies.HOSTILE:
            assert name in names, (name, names)
        assert data["axes"][0] == studies.HOSTILE_AXIS
        assert data["questions"] == [studies.HOSTILE_QUESTION]
        assert sorted(data["levels"][0]) == sorted(studies.HOSTILE_LEVELS)
        assert all(image.get("src").startswith("data:") and "onerror" not in image.attrib
                   for image in tree.iter(SPACE + "img")), "a name became an image"

        _, _, data, _ = check_page(make.groups("one", 1, "--permutations", "50"))
        assert len(data["rows"]) == 1
        _, _, data, tables = check_page(make.groups("many", 2000, "--permutations", "40"))
        assert len(data["rows"]) == 2000 and data["details"] and len(names_of(tables[0])) == 2000
        size = (make.folder / "many.html").stat().st_size
        print(f"2000 groups: {size / 1e6:.1f} MB")
    print("the HTML report is valid HTML of one file")


if __name__ == "__main__":
    main()
