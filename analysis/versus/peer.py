"""Run one peer on a file and print the CPU seconds it took after its imports and the reading of the file.

    python peer.py PEER model.safetensors|model.pt
"""

import contextlib
import io
import json
import sys
import time


def read(path):
    """The file's tensors, as torch reads them."""
    if path.endswith(".pt"):
        import torch

        return torch.load(path)
    from safetensors.torch import load_file

    return load_file(path)


def weightwatcher(path, **options):
    """WeightWatcher's analyze on the state dictionary, silent, without pictures."""
    with contextlib.redirect_stdout(io.StringIO()):
        import weightwatcher as ww

        state = read(path)
        watcher = ww.WeightWatcher()
        start = time.process_time()
        details = watcher.analyze(model=state, **options)
    return start, {"layers": len(details)}


def numpy_values(path, dtype):
    """numpy's singular values of every tensor."""
    import numpy as np

    state = {name: tensor.numpy() for name, tensor in read(path).items()}
    start = time.process_time()
    values = {n: np.linalg.svd(w.astype(dtype), compute_uv=False) for n, w in state.items()}
    return start, {"singular_values": {n: s.tolist() for n, s in values.items()}}


def torch_values(path, dtype):
    """torch's singular values of every tensor."""
    import torch

    state = read(path)
    start = time.process_time()
    for tensor in state.values():
        torch.linalg.svdvals(tensor.to(getattr(torch, dtype)))
    return start, {}


def nothing(_):
    """The imports alone: what a peer costs before it begins."""
    with contextlib.redirect_stdout(io.StringIO()):
        import weightwatcher  # noqa: F401
    return time.process_time(), {}


PEERS = {
    "import weightwatcher": nothing,
    "weightwatcher": weightwatcher,
    "weightwatcher mp_fit": lambda path: weightwatcher(path, mp_fit=True),
    "weightwatcher mp_fit randomize": lambda path: weightwatcher(path, mp_fit=True, randomize=True),
    "numpy svd f64": lambda path: numpy_values(path, "float64"),
    "numpy svd f32": lambda path: numpy_values(path, "float32"),
    "torch svdvals f64": lambda path: torch_values(path, "float64"),
    "torch svdvals f32": lambda path: torch_values(path, "float32"),
}

if __name__ == "__main__":
    start, result = PEERS[sys.argv[1]](sys.argv[2])
    print(json.dumps({"cpu_seconds": time.process_time() - start, **result}))
