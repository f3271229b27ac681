"""The same training in torch and float64, step by step: losses and weights of `spectra train` beside those of a twin.

    cargo build --release
    python3 analysis/versus/training_twin.py [--spectra PATH] [--steps N] [--only TEXT]

Needs numpy, torch and safetensors. Each network of NETWORKS is a recipe: a file of analysis/recipes with changes, or
settings written here. It is run with `precision = "f64"` and `order = "file"` on small random images (numpy, seed 0)
with a row of the record and a checkpoint at every step. The twin reads the recipe as resolved and the weights of the
checkpoint of step 0, nothing else: layers, loss, derivatives, batch normalisation, pooling, PyTorch's momentum and Adam
are torch's own, rates and Caffe's momentum are written down here. Printed are the largest relative differences from the twin's
at any step, of the loss of the batch and of the tests, and of any weight (over the largest of its array); above LIMIT the script fails.

    cargo build --release --example serve_digits
    python3 analysis/versus/training_twin.py --golden fixtures/golden/losses/losses.json

writes the twin's losses of the recipes beside that file instead, which are of few steps and on the generated digits.
"""

import argparse
import copy
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import tomllib

import numpy
import torch
from safetensors.numpy import load_file

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIMIT = 1e-10
torch.set_default_dtype(torch.float64)


def conv(name, outputs, kernel=5, **more):
    return {"kind": "convolution", "name": name, "outputs": outputs, "kernel": kernel, **more}


def linear(name, outputs, **more):
    return {"kind": "linear", "name": name, "outputs": outputs, **more}


CAFFE = {"kind": "sgd", "momentum": 0.9, "form": "caffe", "decay": 0.0005, "bias-rate": 2.0}
INV = {"schedule": "inv", "base": 0.01, "gamma": 0.1, "power": 0.75}
# a bias that starts at zero before batch normalisation is rounding and nothing else, so there is none
BATCH_NORM = [
    conv("conv1", 6, padding=2, bias=False),
    {"kind": "batch-norm", "name": "norm1"},
    {"kind": "relu"},
    {"kind": "average-pool", "size": 3, "stride": 2, "round": "up"},
    conv("conv2", 8, [3, 5], stride=[2, 1], bias=0.1),
    {"kind": "batch-norm", "name": "norm2", "newest": 0.3},
    {"kind": "tanh"},
    {"kind": "max-pool", "size": [2, 3], "stride": 2, "round": "up"},
    linear("ip1", 20, bias=False),
    {"kind": "batch-norm", "name": "norm3", "epsilon": 0.001},
    {"kind": "sigmoid"},
    linear("ip2", 10),
]
GLOBAL = [conv("conv1", 6, 3, bias=False), {"kind": "batch-norm", "name": "norm1"}, {"kind": "relu"}, conv("conv2", 10, 3), {"kind": "global-average-pool"}]
MLP = [linear("fc1", 1024), {"kind": "relu"}, linear("fc2", 512), {"kind": "relu"}, linear("fc3", 10)]

# name: recipe file or layers, then settings by table (phases replace those of the file)
NETWORKS = {
    "LeNet-5, Caffe": ("lenet5", {"training": {"rate": INV}}),
    "LeNet-5, Caffe's own rate": ("lenet5", {}),
    "LeNet-5, 10 blocks": ("lenet5-b10", {"training": {"rate": INV}}),
    "LeNet-5, 100 and 10 blocks": ("lenet5-b100", {"training": {"rate": INV}}),
    "LeNet-5, L1 outside the blocks, then blocks": ("lenet5-blocks-pruned", {"phases": [2, 3, 4], "training": {"rate": INV}}),
    "LeNet-5, small entries pruned": ("lenet5-magnitude", {"phases": [3, 4, 5], "training": {"rate": INV}}),
    "LeNet-5, short nodes pruned": ("lenet5-nodes", {"phases": [3, 4], "training": {"rate": INV}}),
    "perceptron, SGD, PyTorch's momentum": (MLP, {"training": {"optimizer": {**CAFFE, "form": "pytorch"}, "rate": {"schedule": "linear", "base": 0.05}}}),
    "perceptron, Adam": (MLP, {"training": {"optimizer": {"kind": "adam", "bias-rate": 2.0}, "rate": {"schedule": "cosine", "base": 0.001, "end": 0.0001}}}),
    "perceptron, Adam with decay": (MLP, {"training": {"optimizer": {"kind": "adam", "beta1": 0.8, "beta2": 0.99, "epsilon": 1e-4, "decay": 0.01}, "rate": {"schedule": "step", "base": 0.002, "factor": 0.5, "every": 4}}}),
    "cuda-convnet": ("cuda-convnet", {"phases": [6, 6]}),
    "batch normalisation": (BATCH_NORM, {"training": {"optimizer": {"kind": "sgd", "momentum": 0.9}, "rate": {"schedule": "fixed", "base": 0.05}}}),
    "batch normalisation, global mean": (GLOBAL, {"training": {"optimizer": {"kind": "adam"}, "rate": {"schedule": "fixed", "base": 0.01}}}),
}



def toml(value):
    """A value of a recipe in line."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {toml(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value)


def recipe_text(network, steps, data, batch=None):
    """The recipe to run, and the number of its steps."""
    source, changes = network
    if isinstance(source, str):
        recipe = tomllib.loads((ROOT / f"analysis/recipes/{source}.toml").read_text())
    else:
        recipe = {"training": {"iterations": steps, "batch": 16}, "data": {}, "layer": source}
    changes = copy.deepcopy(changes)
    phases = changes.pop("phases", None)
    for table, settings in changes.items():
        recipe[table] = {**recipe.get(table, {}), **settings}
    recipe["data"] = {**recipe["data"], "set": data, "order": "file"}
    recipe["data"].pop("train", None)
    recipe["training"]["precision"] = "f64"
    if batch:
        recipe["training"]["batch"] = batch
    if phases:
        for phase, iterations in zip(recipe["phase"], phases, strict=True):
            phase["iterations"] = iterations
        steps = sum(phases)
    else:
        recipe["training"]["iterations"] = steps
    recipe["record"] = {"every": 1, "checkpoint": 1, "training-samples": 0}
    return "\n".join(f"{key} = {toml(value)}" for key, value in recipe.items()), steps


def spectra(binary, text, folder):
    """Runs the recipe; as resolved, with the rows of the record and the checkpoints of every step, from 0."""
    path = folder / "recipe.toml"
    path.write_text(text)
    run = folder / "run"
    subprocess.run([binary, "train", path, "--out", run, "--json"], check=True, capture_output=True)
    recipe = tomllib.loads((run / "recipe.toml").read_text())
    rows = json.loads((run / "record.json").read_text())["rows"]
    checkpoints = [load_file(file) for file in sorted((run / "checkpoints").iterdir())]
    return recipe, rows, checkpoints


def sides(extent):
    return tuple(extent) if isinstance(extent, list) else (extent, extent)


class Twin:
    """The recipe in torch, from the arrays of a checkpoint."""

    def __init__(self, recipe, arrays, x, y):
        self.recipe, self.layers = recipe, copy.deepcopy(recipe["layer"])
        for place, layer in enumerate(self.layers):
            layer.setdefault("name", f"{layer['kind']}{place + 1}")
        x = x.astype(numpy.float64)
        self.mean = x.mean(axis=0) if recipe["data"]["mean"] == "pixel" else 0.0
        self.x, self.y = self.normal(x), torch.tensor(y.astype(numpy.int64))
        self.parameters = {
            name: torch.tensor(array, requires_grad=True)
            for name, array in arrays.items()
            if not name.startswith(("state/", "mask/"))
        }
        self.masks, self.penalties = {}, {}
        self.running = {layer["name"]: None for layer in self.layers if layer["kind"] == "batch-norm"}
        self.start()

    def normal(self, x):
        """Pixels as numbers, which are handed to the machine in single precision."""
        x = self.recipe["data"]["scale"] * (x.astype(numpy.float64) - self.mean)
        return torch.tensor(x.astype(numpy.float32).astype(numpy.float64))

    def test(self, x, y):
        """The mean loss in tests: batch normalisation by what was met before."""
        with torch.no_grad():
            scores = self.scores(self.normal(x), learning=False)
            return torch.nn.functional.cross_entropy(scores, torch.tensor(y.astype(numpy.int64))).item()

    def start(self):
        """The optimizer forgets."""
        self.velocities = {name: torch.zeros_like(value) for name, value in self.parameters.items()}
        optimizer = self.recipe["training"]["optimizer"]
        biases = lambda name: name.endswith(".bias") or name.rsplit(".", 1)[0] in self.running
        groups = [
            {"params": [value for name, value in self.parameters.items() if biases(name) == bias], "faster": faster}
            for bias, faster in [(False, 1.0), (True, optimizer["bias-rate"])]
        ]
        groups = [group for group in groups if group["params"]]
        self.optimizer = None
        if optimizer["kind"] == "adam":
            betas = (optimizer["beta1"], optimizer["beta2"])
            self.optimizer = torch.optim.Adam(groups, lr=1.0, betas=betas, eps=optimizer["epsilon"], weight_decay=optimizer["decay"])
        elif optimizer["form"] == "pytorch":
            self.optimizer = torch.optim.SGD(groups, lr=1.0, momentum=optimizer["momentum"], weight_decay=optimizer["decay"])

    def weight(self, name, matrix):
        w = self.parameters[f"{name}.weight"]
        if name in self.masks:
            w = w * self.masks[name]
        return torch.block_diag(*w) if matrix and w.dim() == 3 else w

    def scores(self, x, learning=True):
        f = torch.nn.functional
        for layer in self.layers:
            kind, name = layer["kind"], layer["name"]
            bias = self.parameters.get(f"{name}.bias")
            if kind == "convolution":
                x = f.conv2d(x, self.weight(name, False), bias, sides(layer["stride"]), sides(layer["padding"]))
            elif kind == "linear":
                x = f.linear(x.flatten(1), self.weight(name, True), bias)
            elif kind in ("max-pool", "average-pool"):
                size = sides(layer["size"])
                stride = sides(layer.get("stride", layer["size"]))
                up = layer["round"] == "up"
                pool = f.max_pool2d if kind == "max-pool" else f.avg_pool2d
                x = pool(x, size, stride, ceil_mode=up)
            elif kind == "global-average-pool":
                x = x.mean(dim=(2, 3))
            elif kind in ("relu", "sigmoid", "tanh"):
                x = getattr(torch, kind)(x)
            elif kind == "batch-norm":
                if self.running[name] is None:
                    self.running[name] = torch.zeros(x.shape[1]), torch.ones(x.shape[1])
                mean, variance = self.running[name]
                scale = self.parameters[f"{name}.weight"]
                x = f.batch_norm(x, mean, variance, scale, bias, learning, layer["newest"], layer["epsilon"])
            else:
                raise ValueError(f"no twin of {kind}")
        return x

    def step(self, t, rate):
        """Step t of the run; its loss before it."""
        batch = self.recipe["training"]["batch"]
        chosen = torch.arange(t * batch, (t + 1) * batch) % len(self.y)
        loss = torch.nn.functional.cross_entropy(self.scores(self.x[chosen]), self.y[chosen])
        for value in self.parameters.values():
            value.grad = None
        loss.backward()
        settings = self.recipe["training"]["optimizer"]
        with torch.no_grad():
            for name, (norm, strength, outside) in self.penalties.items():
                w = self.parameters[name]
                w.grad += strength * outside * (torch.sign(w) if norm == "l1" else w)
            if self.optimizer:
                for group in self.optimizer.param_groups:
                    group["lr"] = rate * group["faster"]
                self.optimizer.step()
                return loss.item()
            for name, w in self.parameters.items():
                own = rate * (settings["bias-rate"] if name.endswith(".bias") else 1.0)
                v = self.velocities[name]
                v.mul_(settings["momentum"]).add_(own * (w.grad + settings["decay"] * w))
                w.sub_(v)
        return loss.item()

    def enter(self, phase):
        """The changes of a phase."""
        self.penalties, moved = {}, False
        for name, change in phase.get("layers", {}).items():
            key = f"{name}.weight"
            w = self.parameters[key].detach()
            if "weight" in change:
                blocks = change["weight"]["blocks"]
                rows, columns = w.shape[0] // blocks, w.shape[1] // blocks
                cut = [w[b * rows : (b + 1) * rows, b * columns : (b + 1) * columns] for b in range(blocks)]
                self.parameters[key] = torch.stack(cut).clone().requires_grad_()
                moved = True
            if "prune" in change:
                out = round(change["prune"] * w.numel())
                mask = torch.ones(w.numel())
                mask[torch.argsort(w.abs().flatten())[:out]] = 0.0
                self.masks[name] = mask.reshape(w.shape)
                self.parameters[key] = (w * self.masks[name]).requires_grad_()
                moved = True
            if "keep-nodes" in change:
                kept = torch.sort(torch.argsort(w.norm(dim=1), descending=True)[: change["keep-nodes"]]).values
                names = [layer["name"] for layer in self.layers if f"{layer['name']}.weight" in self.parameters]
                after = f"{names[names.index(name) + 1]}.weight"
                for changed, taken in [
                    (key, w[kept]),
                    (f"{name}.bias", self.parameters[f"{name}.bias"].detach()[kept]),
                    (after, self.parameters[after].detach()[:, kept]),
                ]:
                    self.parameters[changed] = taken.clone().requires_grad_()
                moved = True
            if "penalty" in change:
                penalty = change["penalty"]
                outside = torch.ones(w.shape)
                blocks = penalty.get("outside-blocks")
                if blocks:
                    inside = [torch.ones(w.shape[0] // blocks, w.shape[1] // blocks)] * blocks
                    outside = 1.0 - torch.block_diag(*inside)
                self.penalties[key] = penalty["norm"], penalty["strength"], outside
        if moved:
            self.start()


def rate_of(settings, t, of):
    """The rate of step t, from 0."""
    base, end = settings["base"], settings.get("end", 0.0)
    return {
        "fixed": lambda: base,
        "step": lambda: base * settings["factor"] ** (t // settings["every"]),
        "inv": lambda: base * (1 + settings["gamma"] * t) ** -settings["power"],
        "cosine": lambda: end + (base - end) * (1 + numpy.cos(numpy.pi * t / of)) / 2,
        "linear": lambda: base + (end - base) * t / of,
    }[settings["schedule"]]()


def train(twin, steps):
    """The twin's steps: loss and parameters after each."""
    training, phases = twin.recipe["training"], twin.recipe.get("phase")
    begun = 0
    for phase in phases or [{"iterations": steps}]:
        twin.enter(phase)
        for t in range(begun, begun + phase["iterations"]):
            own = phase.get("rate")
            place = (t - begun, phase["iterations"]) if own else (t, steps)
            loss = twin.step(t, rate_of(own or training["rate"], *place))
            yield loss, twin.parameters, {name: run for name, run in twin.running.items()}
        begun += phase["iterations"]


def apart(ours, theirs):
    return abs(ours / theirs - 1)


def relative(ours, theirs):
    theirs = theirs.detach().numpy()
    if ours.shape != theirs.shape:
        raise SystemExit(f"shapes differ: {ours.shape}, {theirs.shape}")
    scale = numpy.abs(theirs).max()
    return float(numpy.abs(ours - theirs).max() / scale) if scale > 0 else float(numpy.abs(ours).max())


def images(folder, shape, count, classes=10):
    """Random images whose class is the bright stripe, as bytes."""
    random = numpy.random.default_rng(0)
    y = random.integers(0, classes, count)
    x = random.integers(0, 120, (count, *shape))
    height = shape[1] // classes
    for image, label in zip(x, y):
        image[:, label * height : (label + 1) * height] += 100
    x, y = x.astype(numpy.uint8), y.astype(numpy.uint8)
    path = folder / f"images-{shape[0]}.npz"
    numpy.savez(path, x_train=x, y_train=y, x_test=x[:10], y_test=y[:10])
    return str(path), x, y


def compare(options):
    worst = 0.0
    print(f"{'network':48} {'steps':>5} {'first loss':>12} {'last loss':>12} {'losses':>9} {'tests':>9} {'weights':>9}")
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        # fewer images than the steps take, so that a batch runs over the end
        sets = {channels: images(folder, shape, 130) for channels, shape in [(1, (1, 28, 28)), (3, (3, 32, 32))]}
        for number, (name, network) in enumerate(NETWORKS.items()):
            if options.only not in name:
                continue
            path, x, y = sets[3 if network[0] == "cuda-convnet" else 1]
            text, steps = recipe_text(network, options.steps, path, batch=16)
            own = folder / str(number)
            own.mkdir()
            recipe, rows, checkpoints = spectra(options.spectra, text, own)
            twin = Twin(recipe, checkpoints[0], x, y)
            loss_error = weight_error = 0.0
            test_error = apart(rows[0]["test_loss"], twin.test(x[:10], y[:10]))
            theirs = []
            for step, (loss, parameters, running) in enumerate(train(twin, steps)):
                theirs.append(loss)
                loss_error = max(loss_error, apart(rows[step + 1]["loss"], loss))
                test_error = max(test_error, apart(rows[step + 1]["test_loss"], twin.test(x[:10], y[:10])))
                checkpoint = checkpoints[step + 1]
                for key, value in parameters.items():
                    weight_error = max(weight_error, relative(checkpoint[key], value))
                for layer, (mean, variance) in running.items():
                    weight_error = max(weight_error, relative(checkpoint[f"state/{layer}.mean"], mean))
                    weight_error = max(weight_error, relative(checkpoint[f"state/{layer}.variance"], variance))
            worst = max(worst, loss_error, test_error, weight_error)
            print(f"{name:48} {steps:5} {theirs[0]:12.8f} {theirs[-1]:12.8f} {loss_error:9.1e} {test_error:9.1e} {weight_error:9.1e}", flush=True)
    if worst > LIMIT:
        sys.exit(f"the largest difference is {worst:.1e}, above {LIMIT}")


def golden(options, built):
    """Losses in torch of recipes on the generated digits, from the weights with which spectra begins."""
    file = pathlib.Path(options.golden)
    losses = {}
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        subprocess.run([built / "examples" / "serve_digits", folder], check=True)
        x, y = (numpy.load(folder / name) for name in ("images.npy", "labels.npy"))
        for path in sorted(file.parent.glob("*.toml")):
            recipe = tomllib.loads(path.read_text())
            run = folder / path.stem
            command = [options.spectra, "train", path, "--iterations", "1", "--out", run, "--json"]
            subprocess.run(command, check=True, capture_output=True)
            start = load_file(sorted((run / "checkpoints").iterdir())[0])
            resolved = tomllib.loads((run / "recipe.toml").read_text())
            steps = recipe["training"]["iterations"]
            resolved["training"]["iterations"] = steps
            twin = Twin(resolved, start, x, y)
            losses[path.stem] = [loss for loss, _, _ in train(twin, steps)]
    versions = f"torch {torch.__version__.split('+')[0]}, numpy {numpy.__version__}"
    file.write_text(json.dumps({"made_by": versions, "losses": losses}, indent=1) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    built = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", "target")) / "release"
    parser.add_argument("--spectra", default=built / "spectra")
    parser.add_argument("--steps", type=int, default=12)
    parser.add_argument("--only", default="", help="only networks whose name contains the text")
    parser.add_argument("--golden", help="write the first losses of the recipes of GOLDEN to this file")
    options = parser.parse_args()
    golden(options, built) if options.golden else compare(options)


if __name__ == "__main__":
    main()
