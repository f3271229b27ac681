"""Streams second moments of layers' inputs and gradients into a file."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from .._files import whole_file
from .moments import Moments, kind_of
from .running import attention_mask, evaluation, frozen, run_on

__all__ = ["CaptureError", "MOMENTS_KEY", "capture"]

MOMENTS_KEY = "spectra.moments"


class CaptureError(ValueError):
    """Layers that cannot be captured, or numbers that are not finite."""


def capture(
    model: nn.Module,
    batches: Iterable[Any],
    *,
    path: str | os.PathLike[str] = "moments.safetensors",
    layers: str | Sequence[str] = "*",
    gradients: bool = False,
    loss: Callable[[Any, Any], Tensor] | None = None,
    forward: Callable[[nn.Module, Any], Any] | None = None,
    mask: Callable[[Any], Tensor | None] | None = None,
    device: torch.device | str | None = None,
) -> Path:
    """Runs a model on batches and writes second moments of what enters its layers.

    No activation is kept: each layer costs n² doubles and, with gradients, m². The model is in evaluation mode while it
    runs; its mode, its parameters and their gradients are left as they were, and no hook stays, whatever happens.

    Args:
        model: Linear layers, convolutions of one group (by patches, in the order of the weight's columns: channel, row,
            column) and embeddings (counts of their rows) are captured. A module that is called more than once adds all of
            its calls; one that has several names is captured under the first.
        batches: Tensors, tuples whose first element is the input, or mappings of keyword arguments.
        path: The file, which appears whole or not at all.
        layers: Patterns of module names, as ``"encoder.*"``.
        gradients: Also add up gradients at the outputs, of ``loss``.
        loss: Scalar loss of (output, batch). It should be a *sum* over samples: then gradients of samples do not depend
            on the size of the batch.
        forward: Runs the model on a batch, where the above does not do.
        mask: Which positions of a batch count, shape (N, positions); by default ``batch["attention_mask"]`` where there is one.
        device: Where sums are kept; by default where the activations are.

    Returns:
        The path. For a layer NAME the file has ``NAME/inputs``, ``Σ x xᵀ`` of shape (n, n), ``NAME/inputs_sum``, ``Σ x``, and
        ``NAME/gradients``, ``Σ g gᵀ`` of shape (m, m), all in double precision and not divided: the metadata
        ``spectra.moments``, JSON, has the counts ``vectors`` and ``samples`` of each layer. An embedding has ``NAME/input_counts``.

    Raises:
        CaptureError: No layer of these names, a layer whose inputs or gradients are NaN or infinite, gradients without a
            loss, or no batch.

    >>> model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
    >>> import tempfile, safetensors.torch
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = capture(model, [torch.ones(5, 3)] * 2, path=folder + "/moments.safetensors")
    ...     safetensors.torch.load_file(file)["0/inputs"]
    tensor([[10., 10., 10.],
            [10., 10., 10.],
            [10., 10., 10.]], dtype=torch.float64)
    """
    if gradients and loss is None:
        raise CaptureError("gradients need a loss of (output, batch), summed over samples")
    found, skipped = _chosen(model, layers, torch.device(device) if device else None)
    run = forward or run_on
    count = 0
    with ExitStack() as stack:
        stack.enter_context(evaluation(model))
        stack.enter_context(torch.enable_grad() if gradients else torch.no_grad())
        if gradients:
            stack.enter_context(frozen(model))
        current: list[Tensor | None] = [None]
        stack.enter_context(_hooks(found, current, gradients))
        for batch in batches:
            current[0] = mask(batch) if mask else attention_mask(batch)
            output = run(model, batch)
            if gradients and loss is not None:
                loss(output, batch).backward()  # type: ignore[no-untyped-call]
            count += 1
            for moments in found:
                what = moments.unsound()
                if what:
                    raise CaptureError(f"{moments.name}: its {what} are NaN or infinite in batch {count}")
    if count == 0:
        raise CaptureError("there is no batch")
    target = Path(path)
    _write(target, found, skipped, gradients)
    return target


def _chosen(model: nn.Module, layers: str | Sequence[str], device: torch.device | None) -> tuple[list[Moments], list[str]]:
    """Returns the layers that the patterns name, and modules with a weight that they name but that are no matrix."""
    patterns = [layers] if isinstance(layers, str) else list(layers)
    found, skipped = [], []
    for name, module in model.named_modules():
        if not any(fnmatchcase(name, pattern) for pattern in patterns):
            continue
        kind = kind_of(module)
        if kind:
            found.append(Moments(name, kind, module, device))
        elif "Conv" in type(module).__name__ and isinstance(getattr(module, "weight", None), Tensor):
            skipped.append(name)
    if not found:
        reason = f"; {', '.join(skipped)} are no single matrix" if skipped else ""
        raise CaptureError(f"no linear layer, convolution or embedding is named {' or '.join(patterns)}{reason}")
    return found, skipped


@contextmanager
def _hooks(found: Sequence[Moments], mask: Sequence[Tensor | None], gradients: bool) -> Iterator[None]:
    """Adds what passes the layers; ``mask[0]`` is that of the current batch."""
    handles = []
    try:
        for moments in found:
            handles.append(moments.module.register_forward_pre_hook(_input_hook(moments, mask), with_kwargs=True))
            if gradients and moments.kind != "embedding":
                handles.append(moments.module.register_forward_hook(_output_hook(moments, mask)))
        yield
    finally:
        for handle in handles:
            handle.remove()


def _input_hook(moments: Moments, mask: Sequence[Tensor | None]) -> Callable[..., None]:
    def hook(module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        x = args[0] if args else next(iter(kwargs.values()))
        with torch.no_grad():
            moments.add_inputs(x, mask[0])

    return hook


def _output_hook(moments: Moments, mask: Sequence[Tensor | None]) -> Callable[..., Tensor]:
    def hook(module: nn.Module, args: tuple[Any, ...], output: Tensor) -> Tensor:
        # parameters ask for no gradient, so something at the output must
        probe = torch.zeros((), dtype=output.dtype, device=output.device, requires_grad=True)
        probed = output + probe
        own = mask[0]
        probed.register_hook(lambda gradient: moments.add_gradients(gradient.detach(), own))  # type: ignore[no-untyped-call]
        return probed

    return hook


def _names(model_parts: Sequence[Moments]) -> dict[int, list[str]]:
    """Returns by weight the names of the layers that share it."""
    shared: dict[int, list[str]] = {}
    for moments in model_parts:
        weight = getattr(moments.module, "weight", None)
        if isinstance(weight, Tensor):
            shared.setdefault(weight.data_ptr(), []).append(moments.name)
    return shared


def _write(target: Path, found: Sequence[Moments], skipped: Sequence[str], gradients: bool) -> None:
    arrays: dict[str, Tensor] = {}
    entries = []
    shared = _names(found)
    for moments in found:
        weight = getattr(moments.module, "weight", None)
        tied = shared.get(weight.data_ptr(), []) if isinstance(weight, Tensor) else []
        sums = {
            "input_counts" if moments.kind == "embedding" else "inputs": moments.inputs,
            "inputs_sum": moments.inputs_sum,
            "gradients": moments.gradients,
        }
        arrays.update({f"{moments.name}/{what}": total.cpu().contiguous() for what, total in sums.items() if total is not None})
        rows = moments.rows or _rows(moments.module)
        entries.append(
            {
                "name": moments.name,
                "kind": moments.kind,
                # transformers' Conv1D has the weight of a Linear, transposed: of a square one only its module tells
                "transposed": type(moments.module).__name__ == "Conv1D",
                "rows": rows,
                "columns": moments.columns,
                "vectors": moments.vectors,
                "samples": moments.samples,
                "gradient_vectors": moments.gradient_vectors,
                "calls": moments.calls,
                "tied": [name for name in tied if name != moments.name],
            }
        )
    header = {"schema_version": 1, "program": "spectra_weights", "gradients": gradients, "layers": entries, "skipped": list(skipped)}
    with whole_file(target) as temporary:
        save_file(arrays, temporary, {MOMENTS_KEY: json.dumps(header)})


def _rows(module: nn.Module) -> int:
    for name in ("out_features", "out_channels", "nf"):
        if isinstance(getattr(module, name, None), int):
            return int(getattr(module, name))
    return 0
