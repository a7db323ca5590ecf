"""Studies for the tests of the HTML report, and the reports of them."""
import csv
import pathlib
import random
import subprocess

# Names that are markup, end our own elements, turn the direction of writing, or do not end.
SCRIPT = "<script>alert(1)</script>"
ENDING = "</script><!-- --><img src=x onerror=alert(2)>"
QUOTES = "\"double\" & 'single' &lt; `back` {brace}"
HEBREW = "\u05e2\u05d1\u05e8\u05d9\u05ea (\u05d0\u05d1\u05d2)"
EMOJI = "\U0001f469\u200d\U0001f52c \U0001f1e9\U0001f1ea \U0001f600"
LONG = "x" * 300
HOSTILE = [SCRIPT, ENDING, QUOTES, HEBREW, EMOJI, LONG]
HOSTILE_AXIS = "<b onclick=alert(3)>axis & \u05e6\u05d9\u05e8"
HOSTILE_QUESTION = "<img src=x onerror=alert(4)> \"q\""
HOSTILE_LEVELS = ["</script><script>alert(5)</script>", "<!-- level", "\u05db\u05df & \U0001f44d"]


def run(*words):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True)
    assert done.returncode == 0, f"{words}: {done.returncode}\n{done.stderr}"
    return done.stdout


def write(path, header, rows):
    with open(path, "w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(header)
        table.writerows(rows)


class Maker:
    """Makes reports NAME.html in a folder."""

    def __init__(self, program, folder):
        self.program, self.folder = program, pathlib.Path(folder)

    def report(self, name, study_options, gai_options):
        base = self.folder / name
        run(self.program, "import", f"{base}.csv", "-o", f"{base}.study.h5", "--rater", "rater",
            "--item", "item", "--quiet", *study_options)
        run(self.program, "gai", f"{base}.study.h5", "-o", f"{base}.h5", "--quiet", *gai_options)
        run(self.program, "report", f"{base}.h5", "--format", "html", "-o", f"{base}.html")
        return pathlib.Path(f"{base}.html")

    def plain(self, name, *options, attributes="gender,age"):
        """48 raters, 30 items, two questions; women over 40 agree with one another."""
        draw = random.Random(7)
        rows = []
        for rater in range(48):
            gender, age = ("woman", "man")[rater % 2], ("old", "young", "middle")[rater // 2 % 3]
            for item in range(30):
                if draw.random() < 0.3:
                    continue
                close = gender == "woman" and age == "old"
                level = item % 4 + 1 if draw.random() < (0.95 if close else 0.5) else draw.randint(1, 4)
                rows.append([f"r{rater}", f"i{item}", gender, age, level, draw.randint(1, 3)])
        write(self.folder / f"{name}.csv", ["rater", "item", "gender", "age", "harm", "tone"], rows)
        return self.report(name, ["--rating", "harm:ordinal", "--rating", "tone:nominal",
                                  "--rater-attr", attributes], options)

    def hostile(self, name):
        draw = random.Random(8)
        rows = [[f"r{rater}", f"i{item}", HOSTILE[rater % len(HOSTILE)],
                 "a" if rater % 4 < 2 else "b", draw.choice(HOSTILE_LEVELS)]
                for rater in range(36) for item in range(12)]
        write(self.folder / f"{name}.csv",
              ["rater", "item", HOSTILE_AXIS, "site", HOSTILE_QUESTION], rows)
        return self.report(name, ["--rating", HOSTILE_QUESTION, "--rater-attr",
                                  f"{HOSTILE_AXIS},site"],
                           ["--by", "all", "--permutations", "200", "--bootstrap", "60"])

    def groups(self, name, n, *options):
        """n groups of two raters, one of which is alone where n is 1."""
        draw = random.Random(9)
        rows = [[f"r{rater}", f"i{item}", f"group {rater // 2} of the many", draw.randint(1, 3)]
                for rater in range(2 * n if n > 1 else 12) for item in draw.sample(range(24), 12)]
        if n == 1:
            for row in rows:
                row[2] = "everyone"
        write(self.folder / f"{name}.csv", ["rater", "item", "group", "harm"], rows)
        return self.report(name, ["--rating", "harm:interval", "--rater-attr", "group"],
                           ["--by", "group", *options])
