"""docs/gallery.md shows what the program draws: its small study's figures are drawn again and held against the
pictures there, whose colours may be reduced. Usage: gallery.py DISSENSUS PROJECT; needs numpy."""

import pathlib
import struct
import subprocess
import sys
import tempfile
import zlib

import numpy as np

SHOWN = {  # the gallery's picture: the file that report --figures, or --figure of power and simulate, writes
    "forest": "q1-toxicity-a3-gender-age-forest",
    "null": "q1-toxicity-a3-gender-age-null-4-woman-40",
    "plane": "q1-toxicity-a3-gender-age-irr-xrr",
    "p-values": "q1-toxicity-p-values",
    "pairs": "pairs-toxicity-a1-gender-age",
    "power": "power",
    "pool": "pool",
}
FAR = 40          # of 255: farther than reduced colours bring a pixel
MOST_FAR = 0.001  # of the pixels


def unfiltered(data, height, stride, step):
    """PNG's five filters, row by row."""
    rows = np.zeros((height, stride), np.uint8)
    above = np.zeros(stride, np.int64)
    for y in range(height):
        kind, *row = data[y * (stride + 1):(y + 1) * (stride + 1)]
        row = np.array(row, np.int64)
        if kind == 2:
            row = row + above & 255
        elif kind:
            for x in range(stride):
                left = row[x - step] if x >= step else 0
                corner = above[x - step] if x >= step else 0
                guess = left + above[x] - corner
                row[x] += (left, 0, (left + above[x]) // 2, min(
                    (left, above[x], corner), key=lambda v: abs(guess - v)))[kind - 1]
                row[x] &= 255
        rows[y] = above = row
    return rows


def picture(path):
    """[height][width][3], of a PNG of 8 bits: grey, RGB, palette or RGBA."""
    data, at, packed, palette = path.read_bytes(), 8, b"", None
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + size]
        if kind == b"IHDR":
            width, height, depth, color = struct.unpack(">IIBB", body[:10])
        elif kind == b"PLTE":
            palette = np.frombuffer(body, np.uint8).reshape(-1, 3)
        elif kind == b"IDAT":
            packed += body
        at += size + 12
    assert depth == 8, path
    step = {0: 1, 2: 3, 3: 1, 6: 4}[color]
    points = unfiltered(zlib.decompress(packed), height, width * step, step)
    points = points.reshape(height, width, step)
    return palette[points[:, :, 0]] if color == 3 else points[:, :, :3]


def draw(dissensus, project, folder):
    def run(*words):
        subprocess.run([dissensus, *map(str, words)], check=True, stdout=subprocess.DEVNULL)

    study, groups, pairs = (folder / f"{name}.h5" for name in ("comments", "groups", "pairs"))
    run("import", project / "data/demo/comments.csv", "-o", study, "--rater", "worker", "--item",
        "comment", "--rating", "toxicity:ordinal", "--rater-attr", "gender,age", "--bin", "age=40",
        "--quiet")
    run("gai", study, "-o", groups, "--by", "all", "--bootstrap", "2000", "--quiet")
    run("pairs", study, "-o", pairs, "--by", "gender,age", "--quiet")
    for results in (groups, pairs):
        run("report", results, "--figures", folder / "figures", "--figure-format", "png", "--quiet")
    run("power", "--raters-per-group", "10,20,40,80", "--gai", "1.1,1.2,1.5", "--items", "100",
        "--items-per-rater", "25", "--attribute", "gender=Woman,Man", "--permutations", "199", "--figure",
        folder / "figures/power.png", "--quiet")
    run("simulate", "-o", folder / "pool.h5", "--raters", "400", "--items", "200", "--items-per-rater", "50",
        "--attribute", "gender=Woman:1.1,Man:1", "--attribute", "age=GenZ,GenX", "--question",
        "harm:ordinal=10,20,40,20,10", "--effect", "gender=Woman,age=GenZ: cohesion 0.4", "--effect",
        "gender=Man: severity -0.2", "--figure", folder / "figures/pool.png", "--quiet")


def main():
    dissensus, project = sys.argv[1], pathlib.Path(sys.argv[2])
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        draw(dissensus, project, folder)
        for name, file in SHOWN.items():
            shown = picture(project / f"docs/gallery/{name}.png").astype(int)
            drawn = picture(folder / f"figures/{file}.png").astype(int)
            assert shown.shape == drawn.shape, f"{name}: {shown.shape}, drawn {drawn.shape}"
            far = (abs(shown - drawn).max(axis=2) > FAR).mean()
            assert far <= MOST_FAR, f"docs/gallery/{name}.png is not what is drawn: {far:.2%} differ"
            # The check can fail: a row moved by three pixels is seen.
            moved = (abs(np.roll(shown, 3, axis=0) - drawn).max(axis=2) > FAR).mean()
            assert moved > MOST_FAR, f"{name}: a picture that is moved would pass"
    print(f"{len(SHOWN)} pictures of the gallery are what the program draws")


main()
