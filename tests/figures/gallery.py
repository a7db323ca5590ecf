"""docs/gallery.md shows what the program draws: its small study's figures are drawn again and held against the
pictures there, whose colours may be reduced. Usage: gallery.py DISSENSUS PROJECT; needs numpy and Pillow."""

import pathlib
import subprocess
import sys
import tempfile

import numpy as np
from PIL import Image

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


def picture(path):
    """[height][width][3]"""
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"), int)


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
            shown = picture(project / f"docs/gallery/{name}.png")
            drawn = picture(folder / f"figures/{file}.png")
            assert shown.shape == drawn.shape, f"{name}: {shown.shape}, drawn {drawn.shape}"
            far = (abs(shown - drawn).max(axis=2) > FAR).mean()
            assert far <= MOST_FAR, f"docs/gallery/{name}.png is not what is drawn: {far:.2%} differ"
            # The check can fail: a row moved by three pixels is seen.
            moved = (abs(np.roll(shown, 3, axis=0) - drawn).max(axis=2) > FAR).mean()
            assert moved > MOST_FAR, f"{name}: a picture that is moved would pass"
    print(f"{len(SHOWN)} pictures of the gallery are what the program draws")


main()
