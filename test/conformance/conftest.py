"""A Jupyter of these tests alone: its own data, config and runtime folders, and in them the kernelspec that `ringlab install` writes."""

import os
import pathlib
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
HOME = tempfile.TemporaryDirectory(prefix="ringlab-conformance-")

for name in ("DATA", "CONFIG", "RUNTIME"):
    os.environ[f"JUPYTER_{name}_DIR"] = str(pathlib.Path(HOME.name) / name.lower())
os.environ["XDG_DATA_HOME"] = str(pathlib.Path(HOME.name) / "xdg")


def pytest_sessionstart(session):
    node = os.environ.get("RINGLAB_NODE", "node")
    subprocess.run([node, ROOT / "dist/cli/main.js", "install"], check=True, capture_output=True, timeout=60)


def pytest_sessionfinish(session, exitstatus):
    HOME.cleanup()
