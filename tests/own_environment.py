"""A virtual environment beside the project's for what pins other versions; made once a lock."""

import fcntl
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

INSTALL_S = 300


def python_of(lock: Path) -> Path:
    """Its Python; `lock` is a file of requirements with hashes."""
    mark = hashlib.sha256(lock.read_bytes()).hexdigest()[:16]
    home = Path(sys.prefix) / "clients" / f"{lock.stem}-{mark}"
    home.parent.mkdir(exist_ok=True)
    with (home.parent / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if not (home / "set-up").exists():
            shutil.rmtree(home, ignore_errors=True)
            subprocess.run([sys.executable, "-m", "venv", str(home)], check=True, timeout=INSTALL_S)
            pip = [str(home / "bin" / "python"), "-m", "pip", "install", "--quiet", "--no-deps"]
            locked = ["--require-hashes", "--only-binary", ":all:", "--requirement", str(lock)]
            subprocess.run([*pip, *locked], check=True, timeout=INSTALL_S)
            (home / "set-up").touch()
    return home / "bin" / "python"
