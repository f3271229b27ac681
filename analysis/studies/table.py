#!/usr/bin/env python3
"""Makes the table of all studies in reports/README.md again, from the reports beside it and the studies beside this file.

    analysis/studies/table.py            writes reports/README.md
    analysis/studies/table.py --check    exit status 1 if it would change

A study has a heading line with its verdict and a link to its page, and a line for each claim. A study without a report is
named with the reason: it was not run.
"""

import argparse
import json
import sys
import tomllib
from pathlib import Path

STUDIES = Path(__file__).resolve().parent
REPORTS = STUDIES.parents[1] / "reports"
README = REPORTS / "README.md"
BEGIN, END = "<!-- studies:begin -->\n", "<!-- studies:end -->"
WORDS = {
    "reproduced": "reproduced",
    "in-part": "in part",
    "not-reproduced": "**not reproduced**",
    "cannot-be-judged": "cannot be judged",
}


def number(x):
    """Four digits, without an exponent where that is readable."""
    return f"{x:.4g}" if abs(x) < 1e4 else f"{x:,.0f}"


def ours(claim):
    """The mean over seeds with its standard deviation; of several cells the range of their means."""
    cells = [cell for cell in claim["cells"] if cell["ours"] is not None]
    if not cells:
        return ""
    if len(cells) == 1:
        cell = cells[0]
        spread = f" ± {cell['deviation']:.2g}" if cell["deviation"] else ""
        seeds = f" ({cell['seeds']} seeds)" if cell["seeds"] > 1 else ""
        return number(cell["ours"]) + spread + seeds
    means = [cell["ours"] for cell in cells]
    return f"{number(min(means))} to {number(max(means))} ({len(cells)} cells)"


def published(claim):
    """The published number with what it may be off by, or what is demanded."""
    if claim["published"] is None:
        return claim["demanded"]
    return f"{number(claim['published'])} ± {claim['tolerance']:g}"


def rows(id):
    """The lines of one study."""
    report = REPORTS / id / "report.json"
    source = tomllib.loads((STUDIES / f"{id}.toml").read_text(encoding="utf-8"))
    title = source.get("source") or source["title"]
    if not report.exists():
        yield f"| {id} | *{title}* | | | not run |"
        return
    data = json.loads(report.read_text(encoding="utf-8"))
    missing = [d["set"] for d in data["data"] if d["problem"]]
    verdict = f"no data: {', '.join(missing)}" if missing else WORDS[data["verdict"]]
    if data["quick"]:
        verdict += ", first seeds alone"
    if data.get("shortened", 1) > 1:
        verdict += f", 1/{data['shortened']} of the steps"
    if not data["complete"]:
        verdict += ", not finished"
    yield f"| [{id}]({id}/index.html) | *{title}* | | | {verdict} |"
    if missing:
        return
    for claim in data["claims"]:
        unit = " %" if claim["percent"] else ""
        mine = ours(claim)
        words = ("*null:* " if claim["null"] else "") + claim["claim"]
        yield f"| | {words} | {published(claim)}{unit} | {mine}{unit if mine else ''} | {WORDS[claim['verdict']]} |"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing, fail if something would change")
    options = parser.parse_args()
    lines = ["| study | claim | published | ours | verdict |", "|---|---|---|---|---|"]
    for path in sorted(STUDIES.glob("*.toml")):
        lines.extend(rows(path.stem))
    before = README.read_text(encoding="utf-8")
    if before.count(BEGIN) != 1 or before.count(END) != 1:
        sys.exit(f"{README}: the markers {BEGIN.strip()} and {END} must each stand there once")
    head, rest = before.split(BEGIN)
    text = f"{head}{BEGIN}\n" + "\n".join(lines) + f"\n\n{END}{rest.split(END)[1]}"
    if options.check:
        sys.exit("reports/README.md is not what the reports say: run analysis/studies/table.py" if text != before else 0)
    README.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
