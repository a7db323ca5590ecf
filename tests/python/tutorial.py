"""Runs docs/tutorial.ipynb, and holds what its cells print against what stands in it.

Usage: tutorial.py PROJECT           fails where a cell fails or prints something else
       tutorial.py --write PROJECT   runs it and keeps the outputs
"""

import pathlib
import re
import sys

import nbformat
from nbclient import NotebookClient


def texts(notebook):
    """What cells print and give, without pictures, addresses and times."""
    found = []
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        said = ""
        for output in cell.outputs:
            assert output.output_type != "error", output
            text = output.get("text", output.get("data", {}).get("text/plain", ""))
            said += re.sub(r"0x[0-9a-f]+|\d{4}-\d\d-\d\dT[0-9:]+Z", "", text)
        found.append(said)
    return found


def tidy(notebook):
    """Nothing of the machine: no times, no versions of the kernel."""
    for cell in notebook.cells:
        cell.metadata = {}
        if cell.cell_type == "code":
            for output in cell.outputs:
                output.pop("metadata", None)
                if output.output_type in ("display_data", "execute_result"):
                    output.metadata = {}
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }


def main(project, write):
    path = project / "docs" / "tutorial.ipynb"
    notebook = nbformat.read(path, as_version=4)
    before = texts(notebook)
    client = NotebookClient(
        notebook, timeout=300, kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}})
    client.execute()
    if write:
        tidy(notebook)
        nbformat.write(notebook, path)
        return
    after = texts(notebook)
    assert len(after) > 5
    for number, (stood, found) in enumerate(zip(before, after)):
        assert stood == found, f"cell {number} prints\n{found}\nand not\n{stood}"
    size = path.stat().st_size
    assert size < 300_000, f"{size} bytes: outputs are to stay small"
    print(f"{len(after)} cells print what stands in the notebook")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[-1]), "--write" in sys.argv)
