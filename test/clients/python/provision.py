"""Makes a virtual environment from a lock file, once.

    python3 provision.py LOCK_FILE FOLDER

* Exact versions with hashes, wheels only: nothing is compiled and no foreign setup code runs.
* What is there already is kept if it was made from the same lock and script by the same Python.
* Several may ask at once: the others wait for the first. The operating system frees the lock of a
  process that dies, and a half-made environment has no stamp, so that it is made anew.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import venv


# The launcher that awscli brings names its interpreter in its first line, where no path with a
# space may stand.
LAUNCHER = """#!/bin/sh
exec "$(dirname "$0")/python" -m awscli "$@"
"""


def stamp_of(lock_file):
    hashes = []
    for name in (lock_file, __file__):
        with open(name, "rb") as file:
            hashes.append(hashlib.sha256(file.read()).hexdigest())
    return f"{' '.join(hashes)} {sys.executable} {sys.version}"


def is_made(stamp_file, stamp):
    try:
        with open(stamp_file, encoding="utf-8") as kept:
            return kept.read() == stamp
    except FileNotFoundError:
        return False


def make(lock_file, folder):
    shutil.rmtree(folder, ignore_errors=True)
    venv.create(folder, with_pip=True, symlinks=True)
    install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    locked = ["--require-hashes", "--only-binary", ":all:", "--requirement", lock_file]
    subprocess.run([os.path.join(folder, "bin", "python"), *install, *locked], check=True)
    with open(os.path.join(folder, "bin", "aws"), "w", encoding="utf-8") as launcher:
        launcher.write(LAUNCHER)


def main(lock_file, folder):
    os.makedirs(os.path.dirname(folder), exist_ok=True)
    stamp_file = os.path.join(folder, "made-from")
    stamp = stamp_of(lock_file)
    with open(f"{folder}.lock", "w", encoding="utf-8") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        if not is_made(stamp_file, stamp):
            make(lock_file, folder)
            with open(stamp_file, "w", encoding="utf-8") as kept:
                kept.write(stamp)


main(*sys.argv[1:])
