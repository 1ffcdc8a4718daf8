#!/usr/bin/env python3
"""Builds a minimal, static ffmpeg into a directory, with its licences: `build.py arm64|x86_64 DIRECTORY`.

It has what the service asks of it and no more: docs/decisions/0023-minimal-ffmpeg.md. The sources are pinned in
sources.py, the compiler and the build tools in requirements-build.txt; what this machine has to have: make, patch,
Python 3.10.12 with pip, and apt (or FFMPEG_SOURCE_DIR, and nasm for x86_64). Either architecture is built on either.
Nothing is done when what lies in the directory was built by these files.
"""

import fcntl
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import sources
from fetch import sha256
from sources import run

HERE = pathlib.Path(__file__).resolve().parent
RECIPE = ("build.py", "sources.py", "requirements-build.txt", "LICENCE-ffmpeg-minimal.txt")
# The processors' names: of the compiler, of meson and ffmpeg.
ARCHITECTURES = {"arm64": "aarch64", "x86_64": "x86_64"}

# zig knows one level of optimisation for speed.
CFLAGS = "-O3 -fPIC -fstack-protector-strong"

# What the commands in shared/media/src/commands.rs use, and the codecs of the containers that we take.
COMPONENTS = {
    "protocol": "pipe fd subfile",
    "demuxer": "mov matroska concat",
    "muxer": "mpjpeg framecrc mp3",
    "encoder": "mjpeg libmp3lame",
    "decoder": "h264 hevc vp8 vp9 libdav1d mjpeg mpeg4 h263 aac alac amrnb amrwb flac mp3float opus vorbis "
    "pcm_alaw pcm_f32be pcm_f32le pcm_mulaw pcm_s16be pcm_s16le pcm_s24be pcm_s24le pcm_s32be pcm_s32le pcm_s8 pcm_u8",
    "parser": "aac av1 flac h263 h264 hevc mjpeg mpeg4video mpegaudio opus vorbis vp8 vp9",
    # Besides those named in commands: what ffmpeg itself puts in to turn, crop, cut and convert.
    "filter": "select scale setpts aformat anull aresample atrim crop format hflip null rotate transpose trim vflip",
}
CONFIGURE = (
    "--disable-everything --disable-autodetect --disable-network --disable-doc --disable-debug --disable-iconv "
    "--disable-avdevice --disable-ffplay --disable-ffprobe --disable-stripping --enable-pic --enable-libdav1d "
    "--enable-libmp3lame"
)
# In place of LAME's own configure script, as for any Linux; its decoder is left out.
LAME = (
    "-DSTDC_HEADERS -DHAVE_STDINT_H -DHAVE_INTTYPES_H -DHAVE_LIMITS_H -DTAKEHIRO_IEEE754_HACK -DUSE_FAST_LOG "
    "-Dieee754_float32_t=float -DPACKAGE=\"lame\" -Iinclude -Ilibmp3lame -w"
)
LICENCES = {
    "ffmpeg": "ffmpeg/COPYING.LGPLv2.1",
    "lame": "lame/COPYING",
    "dav1d": "dav1d/COPYING",
    "musl": "tools/ziglang/lib/libc/musl/COPYRIGHT",
}


class Build:
    """One build in a scratch directory."""

    def __init__(self, architecture, scratch):
        self.cpu, self.scratch = ARCHITECTURES[architecture], scratch
        self.jobs = str(len(os.sched_getaffinity(0)))
        self.prefix, self.tools = scratch / "prefix", scratch / "tools"
        programs = scratch / "bin"
        for folder in (programs, self.prefix / "lib", self.prefix / "include"):
            folder.mkdir(parents=True)
        sources.fetch(scratch)
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        pip += ["--only-binary", ":all:", "--require-hashes", "--target", str(self.tools)]
        run([*pip, "--requirement", str(HERE / "requirements-build.txt")])
        for name, call in {"cc": f"cc -target {self.cpu}-linux-musl", "ar": "ar", "ranlib": "ranlib"}.items():
            program = programs / f"build-{name}"
            program.write_text(f'#!/bin/sh\nexec "{self.tools}/ziglang/zig" {call} "$@"\n')
            program.chmod(0o755)
        path = [programs, self.tools / "bin", os.environ["PATH"]]
        if self.cpu == "x86_64":
            path.insert(2, sources.nasm(scratch))
        self.environment = {
            "PATH": os.pathsep.join(map(str, path)),
            "PYTHONPATH": str(self.tools),
            "PKG_CONFIG_LIBDIR": str(self.prefix / "lib/pkgconfig"),
            "ZIG_GLOBAL_CACHE_DIR": str(scratch / "zig"),
            "ZIG_LOCAL_CACHE_DIR": str(scratch / "zig"),
            "SOURCE_DATE_EPOCH": "0",
            "LC_ALL": "C",
            "TMPDIR": str(scratch),
        }

    def run(self, command, folder):
        run(command, cwd=self.scratch / folder, env=self.environment)

    def dav1d(self):
        machine = f"system = 'linux'\ncpu_family = '{self.cpu}'\ncpu = '{self.cpu}'\nendian = 'little'\n"
        binaries = "c = 'build-cc'\nar = 'build-ar'\nstrip = 'true'\n"
        (self.scratch / "dav1d/machine.ini").write_text(f"[binaries]\n{binaries}[host_machine]\n{machine}")
        options = "--cross-file machine.ini --libdir lib --buildtype release --default-library static"
        options += " -Denable_tools=false -Denable_tests=false -Dlogging=false"
        meson = [sys.executable, "-m", "mesonbuild.mesonmain"]
        flags = [f"-Dc_args={CFLAGS}", f"--prefix={self.prefix}"]
        self.run([*meson, "setup", *options.split(), *flags, "made"], "dav1d")
        self.run(["ninja", "-C", "made", "-j", self.jobs, "install"], "dav1d")

    def lame(self):
        makefile = "made.a: $(patsubst %.c,%.o,$(wildcard libmp3lame/*.c))\n\tbuild-ar rcs $@ $^\n"
        (self.scratch / "lame/made.mk").write_text(makefile)
        flags = f"CFLAGS={CFLAGS} {LAME}".replace('"', '\\"')
        self.run(["make", "-f", "made.mk", "-j", self.jobs, "CC=build-cc", flags], "lame")
        shutil.copy(self.scratch / "lame/made.a", self.prefix / "lib/libmp3lame.a")
        (self.prefix / "include/lame").mkdir()
        shutil.copy(self.scratch / "lame/include/lame.h", self.prefix / "include/lame")

    def ffmpeg(self):
        (self.scratch / "made").mkdir()
        # All paths are relative: the command line becomes part of the program.
        target = f"--enable-cross-compile --target-os=linux --arch={self.cpu} --cc=build-cc --ar=build-ar"
        target += " --ranlib=build-ranlib --pkg-config=pkg-config --pkg-config-flags=--static"
        components = [f"--enable-{kind}={','.join(names.split())}" for kind, names in COMPONENTS.items()]
        flags = [f"--extra-cflags={CFLAGS} -I../prefix/include", "--extra-ldflags=-static -pie -s -L../prefix/lib"]
        self.run(["../ffmpeg/configure", *target.split(), *CONFIGURE.split(), *components, *flags], "made")
        self.run(["make", "-j", self.jobs, "ffmpeg"], "made")
        return self.scratch / "made/ffmpeg"

    def licences(self, directory):
        directory.mkdir(exist_ok=True)
        for name, path in LICENCES.items():
            shutil.copy(self.scratch / path, directory / f"{name}.txt")
        shutil.copy(HERE / "LICENCE-ffmpeg-minimal.txt", directory.parent)


def recipe(architecture):
    digest = hashlib.sha256(architecture.encode())
    for name in RECIPE:
        digest.update((HERE / name).read_bytes())
    return digest.hexdigest()


def build(architecture, directory):
    binary, record = directory / "bin/ffmpeg", directory / "ffmpeg-build.txt"
    told = record.read_text().split() if record.is_file() else []
    if told == [recipe(architecture), sha256(binary) if binary.is_file() else None]:
        return
    print(f"building ffmpeg for {architecture}", file=sys.stderr)
    with tempfile.TemporaryDirectory(dir=directory.parent, prefix="ffmpeg-build-") as scratch:
        build = Build(architecture, pathlib.Path(scratch))
        build.dav1d()
        build.lame()
        made = build.ffmpeg()
        build.licences(directory / "licences")
        binary.parent.mkdir(exist_ok=True)
        os.replace(made, binary)
    record.write_text(f"{recipe(architecture)}\n{sha256(binary)}\n")


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in ARCHITECTURES:
        sys.exit("usage: build.py arm64|x86_64 DIRECTORY")
    directory = pathlib.Path(sys.argv[2]).resolve()
    directory.mkdir(parents=True, exist_ok=True)
    # As in fetch.py: of several at once, one builds and the others wait.
    lock = os.open(directory, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    build(sys.argv[1], directory)


if __name__ == "__main__":
    main()
