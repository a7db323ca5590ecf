"""Tables of pandas, polars and pyarrow make the same study, and what cannot be one is refused."""

import pathlib
from typing import Any

import numpy
import pandas
import polars
import pyarrow
import pyarrow.parquet
import pytest
from conftest import COLUMNS, DEMO, run

import dissensus
from dissensus import DataError, Study, UsageError
from dissensus._tables import format_number, order_of, parse_number

ATTRIBUTES = ["gender", "age"]


def imported(folder: pathlib.Path, text: str, *words: str) -> Study:
    """What the command makes of the CSV."""
    table, study = folder / "t.csv", folder / "t.h5"
    table.write_bytes(text.encode())
    run("import", table, "-o", study, "--rater", "r", "--item", "i", "--quiet", *words)
    return Study.open(study)


def small(**columns: Any) -> pandas.DataFrame:
    """Two raters, two items; columns of four values."""
    return pandas.DataFrame({"r": list("aabb"), "i": list("xyxy"), **columns})


def study_of(frame: Any, ratings: Any = "q", **more: Any) -> Study:
    return Study.from_dataframe(frame, rater="r", item="i", ratings=ratings, **more)


# --- the same study --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def digest(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("demo") / "s.h5"
    run("import", DEMO, "-o", path, "--rater", "worker", "--item", "comment", "--rating",
        "toxicity:ordinal", "--rater-attr", "gender,age", "--quiet")
    return Study.open(path).digest


class Stream:
    """Nothing but the Arrow PyCapsule interface."""

    def __init__(self, table: Any) -> None:
        self._table = table

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return self._table.__arrow_c_stream__(requested_schema)


@pytest.mark.parametrize(
    "make",
    [
        lambda f: f,
        lambda f: f.convert_dtypes(),
        lambda f: f.convert_dtypes(dtype_backend="pyarrow"),
        lambda f: f.astype({"gender": "category", "worker": "category"}),
        lambda f: f.astype(object),
        lambda f: f.iloc[::-1].iloc[::-1],  # another index
        lambda f: polars.from_pandas(f),
        lambda f: polars.from_pandas(f).with_columns(polars.col("comment").cast(polars.Categorical)),
        lambda f: pyarrow.Table.from_pandas(f),
        lambda f: pyarrow.Table.from_pandas(f.astype({"gender": "category"})),
        lambda f: Stream(pyarrow.Table.from_pandas(f)),
        lambda f: Stream(polars.from_pandas(f)),
    ],
    ids="pandas nullable arrow categories objects index polars polars-categorical pyarrow "
        "pyarrow-dictionary stream polars-stream".split(),
)
def test_same_digest(make: Any, demo: pandas.DataFrame, digest: str) -> None:
    assert Study.from_dataframe(make(demo), rater_attrs=ATTRIBUTES, **COLUMNS).digest == digest


def test_parquet_and_hugging_face(demo: pandas.DataFrame, digest: str, tmp_path: pathlib.Path) -> None:
    class Dataset:  # the part of datasets.Dataset that is used
        def to_pandas(self) -> pandas.DataFrame:
            return demo

    assert Study.from_dataframe(Dataset(), rater_attrs=ATTRIBUTES, **COLUMNS).digest == digest
    demo.assign(text="long").to_parquet(tmp_path / "t.parquet")
    for ratings in (COLUMNS["ratings"], "toxicity:ordinal"):
        options = {**COLUMNS, "ratings": ratings}
        made = Study.from_parquet(tmp_path / "t.parquet", rater_attrs=ATTRIBUTES, **options)
        assert made.digest == digest


ODD = """r,i,q,n,score,site,topic
r10,i2,b,1,0.5,B,t
r9,i2,a,2,1,A,t
r9,i1,b,3,0.1,,u
r10,i1,,,1e3,B,u
,i1,a,1,2,B,u
r8,,a,1,2,C,
r10,i3,c,10,2.0,B,
"""


def test_same_as_the_import(tmp_path: pathlib.Path) -> None:
    """Rows without names, missing values, numbers in several spellings, item attributes."""
    theirs = imported(
        tmp_path, ODD, "--rating", "q", "--rating", "n:ordinal", "--rating", "score:ratio",
        "--rater-attr", "site", "--item-attr", "topic")
    frame = pandas.read_csv(tmp_path / "t.csv")
    ratings: Any = {"q": "nominal", "n": "ordinal", "score": "ratio"}
    for table in (frame, polars.from_pandas(frame), pyarrow.Table.from_pandas(frame)):
        ours = study_of(table, ratings, rater_attrs="site", item_attrs="topic")
        assert ours.raters == ["r10", "r9", "r8"] and ours.items == ["i2", "i1", "i3"]
        assert ours.digest == theirs.digest
    log = ours.provenance["import_log"]
    assert log["rows"] == 7 and log["rows_without_rater"] == 1 and log["rows_without_item"] == 1
    assert log["questions"]["q"] == {"ratings": 4, "missing": 1, "duplicates_dropped": 0}
    assert ours.questions["n"].levels == ("1", "2", "3", "10")
    assert ours.questions["score"].values == (0.1, 0.5, 1.0, 2.0, 1000.0)
    with_texts = pandas.read_csv(tmp_path / "t.csv", dtype=str, keep_default_na=False)
    assert study_of(with_texts, ratings, rater_attrs="site", item_attrs="topic").digest == theirs.digest


def _short(frame: pandas.DataFrame, kind: str) -> Any:
    """The frame with its floats in one of the libraries' short types."""
    floats = ["score", "share"]
    arrow = pyarrow.Table.from_pandas(frame)
    if kind.startswith("pyarrow"):
        short = pyarrow.float16() if kind.endswith("16") else pyarrow.float32()
        for name in floats:
            column = arrow[name].cast(pyarrow.float32()).cast(short)
            if kind.endswith("dictionary"):
                column = column.dictionary_encode()
            arrow = arrow.set_column(arrow.column_names.index(name), name, column)
        return arrow
    if kind == "polars":
        return polars.from_pandas(frame).with_columns(polars.col(floats).cast(polars.Float32))
    if kind == "category":
        return frame.astype({name: "float32" for name in floats}).astype(
            {name: "category" for name in floats})
    return frame.astype({name: kind for name in floats})


@pytest.mark.parametrize("kind", ["float32", "float16", "Float32", "float[pyarrow]", "category",
                                  "polars", "pyarrow", "pyarrow16", "pyarrow-dictionary"])
def test_short_floats(kind: str, tmp_path: pathlib.Path) -> None:
    """Parquet and Hugging Face keep them; as doubles 0.1 would be 0.10000000149011612."""
    text = "r,i,score,share\n" + "".join(
        f"r{r},i{i},{(r + i) % 3 / 10 + 0.1:.1f},{'' if r == 2 else r + 0.7}\n"
        for r in range(4) for i in range(3))
    theirs = imported(tmp_path, text, "--rating", "score:interval", "--rater-attr", "share")
    frame = pandas.read_csv(tmp_path / "t.csv")
    ours = study_of(_short(frame, kind), {"score": "interval"}, rater_attrs="share")
    assert ours.questions["score"].values == (0.1, 0.2, 0.3)
    assert ours.rater_attributes.share.cat.categories.tolist() == ["0.7", "1.7", "3.7"]
    assert ours.digest == theirs.digest


def test_levels_may_be_short_floats() -> None:
    frame = small(q=numpy.array([0.1, 0.2, 0.2, 0.1], numpy.float32))
    made = study_of(frame, {"q": ("ordinal", numpy.array([0.1, 0.2], numpy.float32))})
    assert made.questions["q"].levels == ("0.1", "0.2")
    assert format_number(float(str(numpy.float32(16777216)))) == "16777216"


def test_accessors(tmp_path: pathlib.Path) -> None:
    frame = small(q=[1, 2, 2, 1], g=["m", "m", None, None], t=["u", "v", "u", "v"])
    made = study_of(frame, {"q": "ordinal"}, rater_attrs="g", item_attrs="t")
    assert made.n_raters == 2 and made.n_items == 2
    assert repr(made) == "<dissensus.Study: 2 raters, 2 items; q (ordinal, 4 ratings)>"
    assert made.rater_attributes.index.tolist() == ["a", "b"]
    assert made.rater_attributes.g.astype(object).where(made.rater_attributes.g.notna(), None)\
        .tolist() == ["m", None]
    assert made.item_attributes.t.tolist() == ["u", "v"]
    ratings = made.ratings()
    rows = sorted(ratings.astype(str).itertuples(index=False, name=None))
    assert rows == [("a", "x", "1"), ("a", "y", "2"), ("b", "x", "2"), ("b", "y", "1")]
    assert ratings.level.cat.ordered
    with pytest.raises(UsageError, match="no question 'z'"):
        made.ratings("z")
    made.save(tmp_path / "s.h5")
    again = Study.open(tmp_path / "s.h5")
    assert again.digest == made.digest and again.provenance == made.provenance
    assert again.ratings().equals(ratings)


# --- order -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("library", ["pandas", "polars", "pyarrow"])
def test_categories_keep_their_order(library: str) -> None:
    values, order = ["mid", "low", "high", "low"], ["low", "mid", "high", "never"]
    frame: Any = small(q=pandas.Categorical(values, order, ordered=True),
                       g=pandas.Categorical(["z", "z", "b", "b"], ["z", "q", "b"]))
    if library == "polars":
        frame = polars.DataFrame({"r": list("aabb"), "i": list("xyxy"),
                                  "q": polars.Series(values, dtype=polars.Enum(order)),
                                  "g": polars.Series(list("zzbb"), dtype=polars.Enum(list("zqb")))})
    if library == "pyarrow":
        def dictionary(codes: list[int], words: list[str], ordered: bool) -> pyarrow.DictionaryArray:
            return pyarrow.DictionaryArray.from_arrays(
                pyarrow.array(codes, pyarrow.int8()), pyarrow.array(words), ordered=ordered)

        frame = pyarrow.table({"r": list("aabb"), "i": list("xyxy"),
                               "q": dictionary([1, 0, 2, 0], order, True),
                               "g": dictionary([0, 0, 2, 2], list("zqb"), False)})
    ratings: Any = "q" if library != "pyarrow" else {"q": ("ordinal", order)}
    made = study_of(frame, ratings, rater_attrs="g")
    assert made.questions["q"].levels == ("low", "mid", "high", "never")
    assert made.questions["q"].scale == "ordinal"
    # Categories that nobody has are no groups.
    assert made.rater_attributes.g.cat.categories.tolist() == ["z", "b"]


def test_unordered_categories_have_no_order() -> None:
    frame = small(q=pandas.Categorical(["mid", "low", "high", "low"]))
    with pytest.raises(DataError, match="'high' is not a finite number|is not a finite number"):
        study_of(frame, {"q": "ordinal"})
    assert study_of(frame).questions["q"].scale == "nominal"
    made = study_of(frame, {"q": ("ordinal", ["low", "mid", "high"])})
    assert made.questions["q"].levels == ("low", "mid", "high")
    numbers = small(q=pandas.Categorical([10, 9, 10, 9]))
    assert study_of(numbers, {"q": "interval"}).questions["q"].levels == ("9", "10")


def test_declared_levels() -> None:
    frame = small(q=[1.0, 2.0, numpy.nan, 2.0])
    made = study_of(frame, {"q": ("ordinal", [1, 2, 3])})
    assert made.questions["q"].levels == ("1", "2", "3") and made.questions["q"].ratings == 3
    with pytest.raises(DataError, match="'2' is none of the levels 1, 3"):
        study_of(frame, {"q": ("ordinal", [1, 3])})
    with pytest.raises(UsageError, match="twice"):
        study_of(frame, {"q": ("ordinal", [1, 1, 2])})


def test_numbers_are_written_as_the_import_writes_them() -> None:
    for value, shown in [(28.0, "28"), (-0.0, "0"), (0.1, "0.1"), (1e15, "1e+15"), (1e22, "1e+22"),
                         (0.1 + 0.2, "0.30000000000000004"), (1e-7, "1e-07"), (123456.5, "123456.5")]:
        assert format_number(value) == shown
        assert parse_number(shown) == value
    for text in ("", " 1", "1 ", "inf", "nan", "0x10", "1e", "1_0", "e5", ".", "1e999"):
        assert parse_number(text) is None
    assert order_of(["10", "9", "1"]) == [2, 1, 0]
    assert order_of(["10", "9", "b"]) == [0, 1, 2]


# --- what is refused -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "columns, ratings, more, error, message",
    [
        ({"q": [1, 2, 1, 2]}, "z", {}, UsageError, "no column is named 'z'; there are: r, i, q"),
        ({"q": [1, 2, 1, 2]}, "q", {"rater_attrs": "z"}, UsageError, "rater_attrs: no column"),
        ({"q": [1, 2, 1, 2]}, "q:cardinal", {}, UsageError, "no column is named 'q:cardinal'"),
        ({"q": [1, 2, 1, 2]}, {"q": "cardinal"}, {}, UsageError, "'cardinal' is no scale"),
        ({"q": [1, 2, 1, 2]}, [], {}, UsageError, "no column is named"),
        ({"q": [1, 2, 1, 2]}, 3, {}, UsageError, "ratings: 3 names no column"),
        ({"q": [1, 2, 1, numpy.inf]}, {"q": "interval"}, {}, DataError, "inf is not finite"),
        ({"q": [1, 2, 1, -numpy.inf]}, "q", {}, DataError, "-inf is not finite"),
        ({"q": [1, 2, 1, -1]}, {"q": "ratio"}, {}, DataError, "negative"),
        ({"q": ["a", "b", "a", "b"]}, {"q": "interval"}, {}, DataError, "'a' is not a finite number"),
        ({"q": [None] * 4}, "q", {}, DataError, "has no rating; 4 are missing"),
        ({"q": [[1], [2], [1], [2]]}, "q", {}, DataError, "single value"),
        ({"q": [b"a", b"b", b"a", b"b"]}, "q", {}, DataError, "bytes"),
        ({"q": [1, 2, 1, 2], "g": list("xyzz")}, "q", {"rater_attrs": "g"}, DataError,
         "rater 'a' has 'y' in row 1 and 'x' before"),
        ({"q": [1, 2, 1, 2]}, "q", {"duplicates": "none"}, UsageError, "'none' is none of"),
        ({"q": [1, 2, 1, 2]}, ["q", "q"], {}, DataError, "question 'q' is there twice"),
        ({"a/b": [1, 2, 1, 2]}, "a/b", {}, DataError, "contains '/'"),
        ({"q": ["a\0b", "c", "a\0b", "c"]}, "q", {}, DataError, "NUL"),
        ({"q": pandas.Series(["\ud800", "c", "a", "c"], dtype=object)}, "q", {}, DataError,
         "not Unicode"),
    ],
)
def test_refused(columns: Any, ratings: Any, more: Any, error: Any, message: str) -> None:
    frame = small(**columns)
    with pytest.raises(error, match=message.replace("(", r"\(")):
        study_of(frame, ratings, **more)


@pytest.mark.parametrize(
    "more, message",
    [
        ({"missing": "NA"}, "missing: a list of texts was expected, not 'NA'"),
        ({"missing": ["x,y"]}, "missing: 'x,y' has a comma"),
        ({"missing": [-1]}, "missing: a text was expected, not -1"),
        ({"bins": {"age": "40"}}, "bins: age: a list of numbers was expected, not '40'"),
        ({"bins": {"age": 40}}, "bins: age: a list of numbers was expected, not 40"),
        ({"bins": {"age": ["18,40"]}}, "bins: age: a number was expected, not '18,40'"),
        ({"bins": {"age": [True]}}, "bins: age: a number was expected, not True"),
        ({"bins": {1: [40]}}, "bins: the name of an attribute was expected, not 1"),
        ({"bins": ["age=40"]}, "bins: a dict from attribute to edges was expected"),
        ({"derive": "worst=max(a,b)"}, "derive: a list of texts was expected, not 'worst=max"),
        ({"derive": [1]}, "derive: a text was expected, not 1"),
        ({"rater_attrs": [1]}, "rater_attrs: a text was expected, not 1"),
        ({"item_attrs": 1}, "item_attrs: a list of texts was expected, not 1"),
        ({"ratings": {"toxicity": ("nominal", ["a,b", "c"])}}, "toxicity: level: 'a,b' has a comma"),
        ({"ratings": {"toxicity": ("nominal", "abc")}}, "a list of levels was expected, not 'abc'"),
        ({"ratings": {"toxicity": ("nominal", 3)}}, "a list of levels was expected, not 3"),
    ],
)
def test_from_csv_refuses(more: Any, message: str) -> None:
    """Nothing that the import would split at a comma, or into letters, reaches it."""
    with pytest.raises(UsageError) as refused:
        Study.from_csv(DEMO, **{**COLUMNS, **more})
    assert message in str(refused.value)


def test_from_csv_lists() -> None:
    made = Study.from_csv(DEMO, missing=["", "1"], bins={"age": (30, numpy.float64(40.5))},
                          rater_attrs="age", derive=(), progress=False, **COLUMNS)
    assert made.provenance["import_log"]["missing_tokens"] == ["", "1"]
    assert "1" not in made.questions["toxicity"].levels
    assert made.rater_attributes.age.cat.categories.tolist() == ["<30", "30 to <40.5", ">=40.5"]


def test_missing_is_a_list_of_texts() -> None:
    for missing in ("NA", [-1], 3):
        with pytest.raises(UsageError, match="missing: a"):
            study_of(small(q=[1, 2, 1, 2]), missing=missing)


def test_duplicates() -> None:
    frame = pandas.DataFrame({"r": list("aab"), "i": list("xxx"), "j": list("xyx"), "q": [1, 2, 3]})
    frame["i"] = ["x", "x", "x"]
    frame.loc[3] = ["b", "y", "y", 1]
    with pytest.raises(DataError, match="rater 'a' rated item 'x' twice"):
        study_of(frame)
    for keep, level in (("first", "1"), ("last", "2")):
        made = study_of(frame, duplicates=keep)
        ratings = made.ratings().astype(str)
        assert ratings[(ratings.rater == "a")].level.tolist() == [level]
        assert made.provenance["import_log"]["questions"]["q"]["duplicates_dropped"] == 1


def test_no_tables() -> None:
    for frame in ("t.csv", 3, [1, 2], {"r": [1]}, None):
        with pytest.raises(UsageError):
            study_of(frame)
    with pytest.raises(UsageError, match="lazy"):
        study_of(polars.DataFrame({"r": [1], "i": [1], "q": [1]}).lazy())
    empty = small(q=[1, 2, 1, 2]).iloc[:0]
    with pytest.raises(DataError, match="no row has both a rater and an item"):
        study_of(empty)
    twice = small(q=[1, 2, 1, 2])
    twice.columns = pandas.Index(["r", "i", "i"])
    with pytest.raises(UsageError, match="several columns are named 'i'"):
        study_of(twice)
    with pytest.raises(DataError, match="every row has the item 'x'"):
        study_of(small(q=[1, 2, 1, 2]).assign(i="x"))


def test_too_many_levels() -> None:
    n = 300
    frame = pandas.DataFrame({"r": ["a"] * n, "i": range(n), "q": range(n)})
    with pytest.raises(DataError, match="300 different ratings; at most 256"):
        study_of(frame)


HOSTILE = ["\"quoted\", 'text'", "new\nline", "tab\there", "עברית", "\u202eright", "😀" * 30, "a\\b",
           "=1+1", "NA", "nan", "None", "%s%n", "x" * 5000, " ", "-", "*", " * "]


def test_hostile_texts(tmp_path: pathlib.Path) -> None:
    n = len(HOSTILE)
    random = numpy.random.default_rng(3)
    frame = pandas.DataFrame(
        [{"r": r, "i": i, "q": HOSTILE[random.integers(3)], "g": HOSTILE[k % n], "h": HOSTILE[k % 2]}
         for k, r in enumerate(f"{text}{j}" for text in HOSTILE for j in range(2)) for i in HOSTILE])
    frame["g"] = frame.r.map({f"{t}{j}": HOSTILE[k // 2] for k, t in enumerate(HOSTILE) for j in (0, 1)})
    made = study_of(frame, rater_attrs=["g", "h"])
    assert set(made.items) == set(HOSTILE)
    assert set(made.rater_attributes.g.unique()) <= set(HOSTILE)
    made.save(tmp_path / "s.h5")
    assert Study.open(tmp_path / "s.h5").digest == made.digest
    polars_too = study_of(polars.from_pandas(frame), rater_attrs=["g", "h"])
    assert polars_too.digest == made.digest
    table = made.gai(by=["g", "h"], permutations=50, progress=False)
    assert set(table[(table.axis == "g") & (table.statistic == "irr")].group) == \
        set(made.rater_attributes.g.unique())
    results = made.results
    assert results is not None and [g for a, g in results.groups if a == "h"] == \
        made.rater_attributes.h.cat.categories.tolist()


def test_warnings_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    frame = small(q=[1, 1, 1, 1], g=list("xxyy"))
    frame.loc[4] = [None, "x", 1, "x"]
    with caplog.at_level("INFO", logger="dissensus"):
        made = study_of(frame, rater_attrs="g")
    text = caplog.text
    assert "1 rows dropped: 1 without a rater" in text and "every rating is '1'" in text
    assert "another value for each rater" in text
    caplog.clear()
    with caplog.at_level("INFO", logger="dissensus"), pytest.raises(DataError):
        made.gai()
