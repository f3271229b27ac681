#!/usr/bin/env python3
"""Makes the examples in README.md again: runs the built program and replaces what stands between a block's markers.

    cargo build --release
    analysis/readme/make.py                        writes README.md
    analysis/readme/make.py --check                exit status 1 if README.md would change
    analysis/readme/make.py --spectra PATH --only families

A block is a command and its output, as indented code between two comments:

    <!-- families:begin -->
    <!-- families:end -->

A new block needs these two lines in README.md and a line in BLOCKS.
"""

import argparse
import re
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"

# Block: the command as a reader types it, and where its output ends: at the first line that matches (None: nowhere).
BLOCKS = {
    "analyze": ("spectra analyze fixtures/mlp-short.npz fixtures/mlp-long.safetensors", r"^role "),
    "families": ("spectra families fixtures/mnist-linear.npy --image 28x28", r"^\d+ fitted"),
    "fit-basis": ("fit-basis --k 790 --basis dct --image 28x28 --stages 100,300 fixtures/mnist-linear.npy", r"^Seed "),
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


def replaced(text, name, content):
    """The text with the content between the markers of a block."""
    begin, end = f"<!-- {name}:begin -->\n", f"<!-- {name}:end -->"
    if text.count(begin) != 1 or text.count(end) != 1:
        sys.exit(f"README.md: the markers {begin.strip()} and {end} must each stand there once")
    head, rest = text.split(begin)
    tail = rest.split(end)[1]
    return f"{head}{begin}\n{content}\n{end}{tail}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--spectra", default=ROOT / "target/release/spectra", help="the built program")
    parser.add_argument("--only", choices=sorted(BLOCKS), action="append", help="only this block")
    parser.add_argument("--check", action="store_true", help="write nothing, fail if something would change")
    options = parser.parse_args()
    before = README.read_text(encoding="utf-8")
    text = before
    for name in options.only or BLOCKS:
        command, end = BLOCKS[name]
        text = replaced(text, name, block(command, end, options.spectra))
    if options.check:
        sys.exit("README.md is not what the program says: run analysis/readme/make.py" if text != before else 0)
    README.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
