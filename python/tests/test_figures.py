"""Figures through the library: what is drawn is tests/figures' business, that it arrives is ours."""

import pathlib
from typing import Any

import pytest

import dissensus
from dissensus import Study, _library
from dissensus._library import call, lib

if not hasattr(lib, "dss_figures_available") or not lib.dss_figures_available():
    pytest.skip("SKIPPED: this build draws no figures", allow_module_level=True)


def test_results(study: Study, tmp_path: pathlib.Path) -> None:
    results = study.run(by="all", permutations=500, bootstrap=100, progress=False)
    figures = results.figures()
    kinds = [figure.kind for figure in figures]
    assert {"forest", "plane", "crossed", "null", "calibration"} <= set(kinds)
    assert len({figure.name for figure in figures}) == len(figures)
    forest = figures[kinds.index("forest")]
    assert forest.title and "GAI" in forest.description and "forest" in repr(forest).lower()
    svg, png, pdf = (forest.draw(form) for form in ("svg", "png", "pdf"))
    assert svg == forest.draw() and svg.startswith(b"<?xml") and b"</svg>" in svg
    assert png.startswith(b"\x89PNG") and pdf.startswith(b"%PDF") and png == forest._repr_png_()
    forest.save(tmp_path / "f.svg")
    assert (tmp_path / "f.svg").read_bytes() == svg
    with pytest.raises(dissensus.UsageError, match="gif"):
        forest.draw("gif")
    results.save_figures(tmp_path / "all", ["svg", "pdf"])
    assert len(list((tmp_path / "all").iterdir())) == 2 * len(figures)
    assert (tmp_path / "all" / f"{forest.name}.svg").read_bytes() == svg
    with pytest.raises(dissensus.FileError):
        results.save_figures(tmp_path / "all")
    results.save_figures(tmp_path / "all", overwrite=True)
    assert study.run(permutations=0, metrics="irr").figures() == []


def test_a_figure_that_cannot_be_saved(study: Study, tmp_path: pathlib.Path) -> None:
    figure = study.run(permutations=100, progress=False).figures()[0]
    with pytest.raises(dissensus.FileError, match="f.svg: "):
        figure.save(tmp_path / "no" / "f.svg")
    (tmp_path / "taken.svg").mkdir()
    with pytest.raises(dissensus.FileError):
        figure.save(tmp_path / "taken.svg")
    assert [path.name for path in tmp_path.iterdir()] == ["taken.svg"]


def test_interrupted_buffers_are_freed(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawings and reports that the caller no longer waits for."""
    results = study.run(permutations=100, progress=False)
    figure = results.figures()[0]
    freed = []

    class Counting:
        def __getattr__(self, name: str) -> Any:
            return getattr(lib, name)

        def dsspy_free(self, memory: Any) -> None:
            freed.append(memory)
            lib.dsspy_free(memory)

    def interrupted(work: Any, locks: Any = (), progress: Any = False) -> None:
        call(work, locks, progress)
        raise KeyboardInterrupt

    for module in (_library, dissensus.figures, dissensus.results):
        monkeypatch.setattr(module, "lib", Counting())
    for module in (dissensus.figures, dissensus.results):
        monkeypatch.setattr(module, "call", interrupted)
    for number, draw in enumerate((figure.draw, results.figures, results.report)):
        with pytest.raises(KeyboardInterrupt):
            draw()
        assert len(freed) == number + 1, draw


def test_pairs(study: Study, tmp_path: pathlib.Path) -> None:
    pairs = study.run_pairs(by="gender", permutations=100, progress=False)
    (figure,) = pairs.figures()
    del pairs  # the figure keeps the file
    assert figure.kind == "pairs" and figure.draw().startswith(b"<?xml")
