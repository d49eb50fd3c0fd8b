"""The notebooks, run by nbclient as any Jupyter tool would: every cell succeeds, and what is compared comes out the same."""

import pathlib
import re

import nbformat
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter

ROOT = pathlib.Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def text_of(output):
    """What a person reads of an output; '' for figures, which draw what this machine measured, and for emptied displays."""
    if output.output_type == "stream":
        return output.text
    if output.output_type == "error":
        return output.ename
    if "image/svg+xml" in output.data:
        return ""
    return re.sub(r"\x1b\[[0-9;]*m", "", output.data.get("text/plain", ""))


def texts_of(cell):
    return [text for text in map(text_of, cell.outputs) if text]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_runs_from_top_to_bottom_and_gives_its_saved_outputs(path):
    saved = nbformat.read(path, as_version=4)
    nbformat.validate(saved)
    fresh = nbformat.read(path, as_version=4)
    NotebookClient(fresh, timeout=60, kernel_name="ringlab", resources={"metadata": {"path": str(path.parent)}}).execute()
    for before, after in zip(saved.cells, fresh.cells, strict=True):
        if before.cell_type == "code":
            assert texts_of(after) == texts_of(before), after.source
            assert drawings_of(after) == drawings_of(before), after.source
    page, _ = HTMLExporter().from_notebook_node(fresh)
    assert "data:image/svg+xml" in page, "nbconvert's page shows the queues without a script"


def drawings_of(cell):
    """Figures that show without a script: a live one too, once it has ended."""
    return sum("image/svg+xml" in output.get("data", {}) for output in cell.outputs)


def test_the_notebooks_are_there():
    assert [path.name for path in NOTEBOOKS] == ["01-first-ring-kernel.ipynb"]
