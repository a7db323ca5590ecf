"""bench/gpu/floors.json and its formula against the code that nvcc makes: the loops of the kernels of
lists and of products are found in their SASS for sm_90, their instructions counted, and the trips of
DIVE's shape walked, tile by tile. cuobjdump is the toolkit's, or that of this Python's packages.

Usage: gpu_floors.py PROJECT OBJECT...   (status 77: no cuobjdump, no object for sm_90, another nvcc)
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

SKIPPED, COUNTED_WITH = 77, "13.0"
project = Path(sys.argv[1]).resolve()
sys.path[:0] = [str(project / "bench/gpu"), str(project / "bench")]
sys.dont_write_bytecode = True
from timing import of_lists  # noqa: E402

# Of the study that floors.json and docs/performance.md speak of: seven axes in five packs.
DIVE = {"raters": 637, "items": 1000, "ratings": 31980, "levels": 5, "groups": 71, "axes": 7,
        "packs": [3, 1, 1, 0]}
ENTRIES, WARPS, TILE, ROWS, BYTE_ITEMS = 33480, 16, 16, 17, 10
WORDS = 2


def skip(why):
    print(f"SKIPPED: {why}")
    sys.exit(SKIPPED)


def expect(condition, text):
    if not condition:
        sys.exit(f"FAILED: {text}")


class Loop:
    def __init__(self, begin, end, code):
        self.begin, self.end = begin, end
        self.body = {at: text for at, text in code.items() if begin <= at <= end}
        self.inner = []

    def add(self, loop):
        for inner in self.inner:
            if inner.begin <= loop.begin and loop.end <= inner.end:
                return inner.add(loop)
        self.inner.append(loop)

    def own(self):
        return len(self.body) - sum(len(loop.body) for loop in self.inner)

    def count(self, opcode):
        """In it and in no loop of it."""
        return (sum(opcode in re.sub(r"^@!?U?P\w+ ", "", text).split()[0] + " "
                    for text in self.body.values()) - sum(loop.count_all(opcode)
                                                          for loop in self.inner))

    def count_all(self, opcode):
        return self.count(opcode) + sum(loop.count_all(opcode) for loop in self.inner)


def loops_of(text):
    """The function as a loop whose inner loops are nested as they are in the code."""
    code = {int(at, 16): what.strip()
            for at, what in re.findall(r"/\*([0-9a-f]{4,5})\*/\s+(.*?);", text)}
    found = []
    for at, what in code.items():
        to = re.search(r"\bBRA\b.*?0x([0-9a-f]+)", what)
        if to and int(to[1], 16) < at:
            found.append(Loop(int(to[1], 16), at, code))
    whole = Loop(0, max(code), code)
    for loop in sorted(found, key=lambda one: (one.begin, -one.end)):
        whole.add(loop)
    return whole


def functions_of(tool, file):
    text = subprocess.run([tool, "-sass", "-arch", "sm_90", str(file)], capture_output=True,
                          text=True).stdout
    return {part.split("\n")[0]: part for part in re.split(r"\n\s*Function : ", text)[1:]}


def kernel(functions, name, levels):
    """Of IRR and XRR on the nominal scale."""
    return loops_of(next(text for function, text in functions.items()
                         if f"{name}I11dss_cu_kindILi{levels}EL12dss_cu_tally0E" in function))


def ratings_loop(items):
    """(axes, instructions a rating) of the loop over an item's ratings; entries come two a read."""
    loop = next(one for one in items.inner if one.count("LDG.E.128"))
    ratings = 2 * loop.count("LDG.E.128")
    return loop.count("STS ") // ratings, len(loop.body) / ratings


def an_item_of(items):
    """Its own instructions, and those that clear its rows' words, 16 at a time. Where the loop takes
    eight ratings, four that are left have a copy of its own, and are counted with the others."""
    loop = next(one for one in items.inner if one.count("STS ") == 16)
    left = 2 * items.count("LDG.E.128") * ratings_loop(items)[1]
    return items.own() - left + ROWS * WORDS // 16 * len(loop.body)


def check_lists(functions, floors):
    of = floors["lists"]["issued"]["5"]
    tiles = next(one for one in kernel(functions, "walk_packs", 5).inner if one.count("BAR"))
    items = {ratings_loop(one)[0]: one for one in tiles.inner
             if any(inner.count("LDG.E.128") for inner in one.inner)}
    expect(sorted(items) == [1, 2, 3, 4], f"loops over items of packs of {sorted(items)} axes")
    for axes, loop in items.items():
        per_rating = ratings_loop(loop)[1]
        expect(per_rating == of["rating"][axes - 1],
               f"{per_rating} instructions a rating and pack of {axes} axes, not {of['rating'][axes - 1]}")
    chunks = min((one for one in tiles.inner if one.count_all("IDP")),
                 key=lambda one: len(one.inner[0].body))  # of own units; common ones need more
    tally = chunks.inner[0]
    an_item = len(tally.body) / (tally.count("IDP") / (3 * WORDS))
    print(f"{an_item} instructions an item and group in the loop over items")
    totals = next(one for one in tiles.inner if not one.inner)
    walked = sum(ENTRIES * ratings_loop(items[axes])[1] + DIVE["items"] * an_item_of(items[axes])
                 for axes, n in enumerate(DIVE["packs"], 1) for _ in range(n))
    done = 0
    while done < DIVE["items"]:
        n = min(TILE, DIVE["items"] - done)
        walked += sum(DIVE["packs"]) * WARPS * (tiles.own() + len(totals.body))
        # An odd item more has its own copy of the loop's body, which even chunks pass by.
        walked += DIVE["groups"] * (n * an_item + -(-n // BYTE_ITEMS) * (chunks.own() - an_item))
        done += n
    unlabelled = {**of, "rater": 0, "rater_pack": 0, "rater_axis": 0}
    formula = 32 * of_lists(DIVE, {**floors, "lists": {"needed": {}, "issued": {"5": unlabelled}}})[
        "issued instructions"]
    print(f"a resample of DIVE: {walked / 1e6:.2f}M instructions walked, {formula / 1e6:.2f}M by the formula")
    expect(abs(formula - walked) <= 0.02 * walked, f"the formula says {formula:.0f}, the code {walked:.0f}")


def check_products(functions, floors):
    of = floors["products"]
    for levels in (5, 7):
        loop = next(one for one in kernel(functions, "tally_products", levels).inner
                    if one.count("LDG.E ") == 2 * levels)
        expect(len(loop.body) == of["item_group"] + of["item_group_level"] * levels,
               f"{len(loop.body)} instructions an item and group of products, {levels} levels")


def main():
    found = [*Path("/usr/local").glob("cuda*/bin/cuobjdump"),
             *(file for place in sys.path for file in Path(place).glob("nvidia/*/bin/cuobjdump"))]
    tool = shutil.which("cuobjdump") or next((str(file) for file in found if os.access(file, os.X_OK)),
                                             None)
    objects = {name: next((file for file in sys.argv[2:] if Path(file).name == f"{name}.cu.o"), None)
               for name in ("lists", "products")}
    if not tool:
        skip("no cuobjdump")
    if not all(objects.values()):
        skip("no objects of the CUDA backend: the build has none")
    found = {name: functions_of(tool, file) for name, file in objects.items()}
    if not all(found.values()):
        skip("no code for sm_90")
    floors = json.loads((project / "bench/gpu/floors.json").read_text(encoding="utf-8"))
    expect(f"nvcc {COUNTED_WITH}" in floors["about"], "floors.json does not say whose code it counts")
    check_lists(found["lists"], floors)
    check_products(found["products"], floors)


if __name__ == "__main__":
    main()
