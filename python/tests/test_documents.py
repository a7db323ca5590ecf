"""What docs/python.md shows does what it shows; every public name says what it is."""

import inspect
import pathlib
import re

import pytest

import dissensus

PROJECT = pathlib.Path(__file__).resolve().parents[2]


def test_the_example(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (PROJECT / "docs" / "python.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    (tmp_path / "data").symlink_to(PROJECT / "data")
    monkeypatch.chdir(tmp_path)
    exec(compile(example, "python.md", "exec"), {})
    said = capsys.readouterr().out
    assert "woman     1.204" in said and "By gender" in said
    assert (tmp_path / "groups.h5").exists()


def test_every_public_name_has_a_docstring() -> None:
    for name in dissensus.__all__:
        thing = getattr(dissensus, name)
        if name == "__version__":
            continue
        assert inspect.getdoc(thing), name
        if inspect.isclass(thing):
            for inner, value in vars(thing).items():
                if not inner.startswith("_") and (callable(value) or isinstance(value, property)):
                    assert inspect.getdoc(value), f"{name}.{inner}"


def test_options_are_documented() -> None:
    from dissensus._options import Options

    said = inspect.getdoc(dissensus.Study.gai) or ""
    for option in Options.__annotations__:
        assert re.search(rf"\b{option}\b", said), option
