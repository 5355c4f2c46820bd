"""Run once while an image is built: how the image's service starts and is asked for its health."""

import sys
import tomllib
from pathlib import Path

APP = Path(__file__).parent
HEALTH = """import os, urllib.request
urllib.request.urlopen(f"http://127.0.0.1:{os.environ['HEALTH_PORT']}/live", timeout=2)
"""


def main(service: str) -> None:
    package = service.replace("-", "_")
    entry = APP / "entry"
    entry.write_text(f'#!/bin/sh\nexec {APP}/venv/bin/python -m {package} "$@"\n')
    entry.chmod(0o755)
    (APP / "health.py").write_text(HEALTH)
    name_the_distribution(tomllib.loads((APP / "pyproject.toml").read_text())["project"])


def name_the_distribution(project: dict[str, str]) -> None:
    """So that the service can say which version it is, as it can where it was installed."""
    site = next((APP / "venv" / "lib").glob("python*")) / "site-packages"
    written = site / f"{project['name']}-{project['version']}.dist-info" / "METADATA"
    written.parent.mkdir(parents=True)
    lines = ("Metadata-Version: 2.1", f"Name: {project['name']}", f"Version: {project['version']}")
    written.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
