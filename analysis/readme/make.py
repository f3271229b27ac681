#!/usr/bin/env python3
"""Makes the examples in README.md and docs/ again: runs the built program and replaces what stands between a block's markers.

    cargo build --release
    analysis/readme/make.py                        writes README.md and docs/
    analysis/readme/make.py --check                exit status 1 if one of them would change
    analysis/readme/make.py --spectra PATH --only families

A block is a command and its output, as indented code between two comments:

    <!-- families:begin -->
    <!-- families:end -->

A new block needs these two lines in its file and a line in BLOCKS.
"""

import argparse
import re
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# Block: its file, the command as a reader types it, and where its output ends: at the first line that matches (None: nowhere).
BLOCKS = {
    "analyze": ("README.md", "spectra analyze fixtures/mlp-short.npz fixtures/mlp-long.safetensors", r"^role "),
    "families": ("docs/families.md", "spectra families fixtures/mnist-linear.npy --image 28x28", r"^\d+ fitted"),
    "fit-basis": (
        "docs/fit-basis.md",
        "fit-basis --k 790 --basis dct --image 28x28 --stages 100,300 fixtures/mnist-linear.npy",
        r"^Seed ",
    ),
    "sketch": (
        "docs/sketch.md",
        "spectra sketch fixtures/lenet-b1.safetensors --tensor ip1.weight --k 16 --target 0.5",
        None,
    ),
}


def output(command, spectra):
    """The lines that a command writes to standard output."""
    arguments = shlex.split(command)
    if arguments[0] == "spectra":
        arguments = arguments[1:]
    done = subprocess.run([spectra, *arguments], cwd=ROOT, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{command}: exit status {done.returncode}\n{done.stderr}")
    return done.stdout.splitlines()


def block(command, end, spectra):
    """The command, an empty line, and its output, as Markdown's indented code."""
    lines = output(command, spectra)
    if end:
        ends = [number for number, line in enumerate(lines) if re.search(end, line)]
        lines = lines[: ends[0]] if ends else lines
    while lines and not lines[-1].strip():
        lines.pop()
    code = [command, "", *lines]
    return "".join(f"    {line}".rstrip() + "\n" for line in code)


def replaced(text, file, name, content):
    """The text of a file with the content between the markers of a block."""
    begin, end = f"<!-- {name}:begin -->\n", f"<!-- {name}:end -->"
    if text.count(begin) != 1 or text.count(end) != 1:
        sys.exit(f"{file}: the markers {begin.strip()} and {end} must each stand there once")
    head, rest = text.split(begin)
    tail = rest.split(end)[1]
    return f"{head}{begin}\n{content}\n{end}{tail}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--spectra", default=ROOT / "target/release/spectra", help="the built program")
    parser.add_argument("--only", choices=sorted(BLOCKS), action="append", help="only this block")
    parser.add_argument("--check", action="store_true", help="write nothing, fail if something would change")
    options = parser.parse_args()
    stale = []
    for name in options.only or BLOCKS:
        file, command, end = BLOCKS[name]
        path = ROOT / file
        before = path.read_text(encoding="utf-8")
        after = replaced(before, file, name, block(command, end, options.spectra))
        if options.check and after != before:
            stale.append(f"{file}: the block {name} is not what the program says: run analysis/readme/make.py")
        elif not options.check:
            path.write_text(after, encoding="utf-8")
    sys.exit("\n".join(stale) or 0)


if __name__ == "__main__":
    main()
