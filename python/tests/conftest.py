"""What all tests share: the command that the package is held against, and the demo's ratings."""

import os
import pathlib
import subprocess
from typing import Any

import pandas
import pytest

import dissensus

DEMO = pathlib.Path(__file__).resolve().parents[2] / "data" / "demo" / "comments.csv"
RATINGS = {"toxicity": "ordinal"}
COLUMNS: dict[str, Any] = {"rater": "worker", "item": "comment", "ratings": RATINGS}


def run(*words: object) -> str:
    """Standard output of the command, which must be done well."""
    done = subprocess.run(
        [os.environ["DISSENSUS_BIN"], *map(str, words)], capture_output=True, text=True
    )
    assert done.returncode == 0, f"{words}: {done.returncode}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="session")
def command_study(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """The demo, as the command imports it."""
    path = tmp_path_factory.mktemp("command") / "study.h5"
    run("import", DEMO, "-o", path, "--rater", "worker", "--item", "comment", "--rating",
        "toxicity:ordinal", "--rater-attr", "gender,age", "--bin", "age=40", "--quiet")
    return path


@pytest.fixture(scope="session")
def study(command_study: pathlib.Path) -> dissensus.Study:
    return dissensus.Study.open(command_study)


@pytest.fixture(scope="session")
def demo() -> pandas.DataFrame:
    return pandas.read_csv(DEMO)


@pytest.fixture(scope="session")
def large() -> dissensus.Study:
    """Enough ratings that 10 million resamples take minutes."""
    import numpy

    random = numpy.random.default_rng(7)
    n = 400 * 300
    frame = pandas.DataFrame(
        {
            "r": numpy.repeat(numpy.arange(400), 300),
            "i": numpy.tile(numpy.arange(300), 400),
            "x": random.integers(1, 6, n),
            "a": numpy.repeat(random.integers(0, 4, 400), 300),
            "b": numpy.repeat(random.integers(0, 3, 400), 300),
        }
    )
    frame = frame[random.random(n) < 0.5]
    return dissensus.Study.from_dataframe(
        frame, rater="r", item="i", ratings={"x": "interval"}, rater_attrs=["a", "b"]
    )
