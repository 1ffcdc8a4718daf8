"""The pinned source packages of the minimal ffmpeg: fetched, checked, unpacked, patched.

They are Debian's, of one suite, and come through apt from the mirror that this machine is set up for, in a private apt
directory: nothing is installed, and root is not needed. Once a mirror no longer has a version, `FFMPEG_SOURCE_DIR`
names a directory that has these files.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile

from fetch import sha256

SUITE = "trixie"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
LISTS = (pathlib.Path("/etc/apt/sources.list"), pathlib.Path("/etc/apt/sources.list.d"))

# Package: version for apt, and its files with their SHA-256, what upstream wrote first.
PACKAGES = {
    "ffmpeg": (
        "7:7.1.5-0+deb13u1",
        {
            "ffmpeg_7.1.5.orig.tar.xz": "de668509caf9e35e3cd162473441fdb29538c6d96ed080292b3cf9e6fc5d558f",
            "ffmpeg_7.1.5-0+deb13u1.debian.tar.xz": "a1be51d8a10744952fe94fa318bf71bbc8074bed0951382c079ab7ef227f74ef",
        },
    ),
    "dav1d": (
        "1.5.1-1",
        {
            "dav1d_1.5.1.orig.tar.xz": "401813f1f89fa8fd4295805aa5284d9aed9bc7fc1fdbe554af4292f64cbabe21",
            "dav1d_1.5.1-1.debian.tar.xz": "41f758fda3a2d9860691cae422365bae656060f42c9a5375f7ac4124005f4e7e",
        },
    ),
    "lame": (
        "3.100-6",
        {
            "lame_3.100.orig.tar.gz": "ddfe36cab873794038ae2c1210557ad34857a4b6bdc515785d1da9e175b1da1e",
            "lame_3.100-6.debian.tar.xz": "35c6af528d139737c8beede450ad99fe0c1f1764455d23321038b5c4a2b4574c",
        },
    ),
}


def run(command, **options):
    """Runs a program with its output on standard error; ends when it fails."""
    if subprocess.run(command, stdout=sys.stderr, check=False, **options).returncode != 0:
        sys.exit(f"{pathlib.Path(command[0]).name} failed; its messages are above")


def fetch(scratch):
    """Puts each package's checked, patched source into `scratch/<package>`."""
    given = os.environ.get("FFMPEG_SOURCE_DIR")
    folder = pathlib.Path(given) if given else scratch / "packages"
    if not given:
        folder.mkdir()
        download(folder, scratch / "apt")
    for package, (_, files) in PACKAGES.items():
        for name, checksum in files.items():
            if not (folder / name).is_file():
                sys.exit(f"{name} is not in FFMPEG_SOURCE_DIR")
            if (found := sha256(folder / name)) != checksum:
                sys.exit(f"{name} has SHA-256 {found}, not {checksum}")
        unpack([folder / name for name in files], scratch / package)


def mirrors():
    """Where this machine gets Debian's packages from: the addresses in its apt lists that it has some release from."""
    files = [LISTS[0], *sorted(LISTS[1].glob("*.list")), *sorted(LISTS[1].glob("*.sources"))]
    found = []
    for file in files:
        text = file.read_text() if file.is_file() else ""
        one_line = re.findall(r"^deb(?:-src)?\s+(?:\[[^\]]*\]\s+)?(\S+)", text, re.MULTILINE)
        deb822 = re.findall(r"^URIs:\s*(.+)$", text, re.MULTILINE | re.IGNORECASE)
        found += one_line + [uri for line in deb822 for uri in line.split()]
    # Debian's archive ends so on every mirror; its security archive, a place of its own, does not.
    found = [uri for uri in dict.fromkeys(found) if uri.rstrip("/").endswith("/debian")]
    if not found:
        sys.exit("no Debian mirror in this machine's apt lists: set FFMPEG_SOURCE_DIR to a directory with the sources")
    return found


def download(folder, apt):
    """Has apt, with lists of its own in `apt`, download the pinned versions' files into `folder`."""
    for part in ("state/lists/partial", "cache/archives/partial"):
        (apt / part).mkdir(parents=True)
    lines = [f"deb-src [signed-by={KEYRING}] {uri} {SUITE} main\n" for uri in mirrors()[:1]]
    (apt / "sources.list").write_text("".join(lines))
    options = [f"Dir::Etc::SourceList={apt}/sources.list", "Dir::Etc::SourceParts=/dev/null"]
    options += [f"Dir::State={apt}/state", f"Dir::Cache={apt}/cache", "APT::Sandbox::User="]
    command = ["apt-get", "--quiet", *(word for option in options for word in ("-o", option))]
    run([*command, "update"])
    versions = [f"{package}={version}" for package, (version, _) in PACKAGES.items()]
    run([*command, "source", "--download-only", *versions], cwd=folder)


def unpack(archives, directory):
    """Unpacks what upstream wrote and applies Debian's patches to it."""
    upstream, debian = archives
    directory.mkdir()
    with tarfile.open(upstream) as archive:
        archive.extractall(directory, filter="data")
    (top,) = directory.iterdir()
    for path in list(top.iterdir()):
        shutil.move(path, directory / path.name)
    top.rmdir()
    with tarfile.open(debian) as archive:
        archive.extractall(directory, filter="data")
    series = directory / "debian/patches/series"
    lines = series.read_text().splitlines() if series.is_file() else []
    for patch in (line.split()[0] for line in lines if line.split() and not line.startswith("#")):
        run(["patch", "--strip=1", "--silent", f"--input=debian/patches/{patch}"], cwd=directory)


def nasm(scratch):
    """A directory with nasm, the assembler for x86: this machine's, or what apt downloads."""
    if found := shutil.which("nasm"):
        return pathlib.Path(found).parent
    folder = scratch / "nasm"
    folder.mkdir()
    run(["apt-get", "--quiet", "-o", "APT::Sandbox::User=", "download", "nasm"], cwd=folder)
    (package,) = folder.glob("*.deb")
    run(["dpkg-deb", "--extract", str(package), str(folder)])
    return folder / "usr/bin"
