"""The tables of reports/plan/README.md, from what measure.py wrote.

    python analysis/plan/table.py reports/plan [--check]
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections import defaultdict
from pathlib import Path

MARK = "<!-- tables -->"
TITLES = {
    "mlp": "Perceptron 784-1024-512-10 on MNIST: accuracy in % / divergence from the original",
    "lenet": "LeNet-5 (20-50-500-10) on MNIST: accuracy in % / divergence from the original",
    "minilm": "MiniLM-L6, 36 matrices of the encoder: mean cosine / Spearman of pairwise similarities",
}
MEASURES = {"mlp": ("accuracy", "loss"), "lenet": ("accuracy", "loss"), "minilm": ("cosine", "spearman")}


def spread(values: list[float], measure: str) -> str:
    """Returns mean and standard deviation, in the digits of the measure."""
    mean = statistics.fmean(values)
    text = {"accuracy": f"{mean:.2f}", "loss": f"{mean:.1e}"}.get(measure, f"{mean:.3f}")
    if len(values) < 2:
        return text
    deviation = statistics.stdev(values)
    return text + " ± " + {"accuracy": f"{deviation:.2f}", "loss": f"{deviation:.0e}"}.get(measure, f"{deviation:.3f}")


def tables(folder: Path) -> str:
    """Returns a table for each model, one row a method and one column a budget."""
    runs: dict[str, list[dict[str, dict[str, dict[str, float]]]]] = defaultdict(list)
    for path in sorted(folder.glob("*.json")):
        runs[path.stem.split("-")[0]].append(json.loads(path.read_text())["results"])
    parts = []
    for task, title in TITLES.items():
        if not runs[task]:
            continue
        methods: dict[str, dict[str, list[dict[str, float]]]] = {}
        for run in runs[task]:
            for method, budgets in run.items():
                for label, numbers in budgets.items():
                    methods.setdefault(method, {}).setdefault(label, []).append(numbers)
        labels = sorted({label for budgets in methods.values() for label in budgets}, key=lambda label: -float(label.rstrip("%")))
        count = len(runs[task])
        lines = [f"### {title}", "", f"{count} {'run' if count == 1 else 'runs, mean ± standard deviation'}.", ""]
        lines += ["| method | " + " | ".join(labels) + " |", "|---|" + "---|" * len(labels)]
        for method, budgets in methods.items():
            cells = []
            for label in labels:
                found = budgets.get(label)
                cells.append(" / ".join(spread([n[m] for n in found], m) for m in MEASURES[task]) if found else "")
            lines.append(f"| {method} | " + " | ".join(cells) + " |")
        ranked = [
            (method, label, [n["correlation"] for n in found])
            for method, budgets in methods.items()
            for label, found in budgets.items()
            if all(n.get("correlation") is not None and n["correlation"] == n["correlation"] for n in found)
        ]
        if ranked:
            lines += ["", "Rank correlation of predicted and measured losses over 20 random allocations:", ""]
            lines += [f"- {method}, {label}: " + ", ".join(f"{value:.2f}" for value in values) for method, label, values in ranked]
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--check", action="store_true", help="end with status 1 where the file would change")
    options = parser.parse_args()
    path = options.folder / "README.md"
    old = path.read_text()
    head, _, rest = old.partition(MARK)
    _, _, tail = rest.partition(MARK)
    new = f"{head}{MARK}\n\n{tables(options.folder)}\n\n{MARK}{tail}"
    if options.check and new != old:
        raise SystemExit(f"{path} is not what its data give; run this without --check")
    if not options.check:
        path.write_text(new)


if __name__ == "__main__":
    main()
