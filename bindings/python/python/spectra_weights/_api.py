"""The commands as functions: their arguments become those of the command line, which alone knows the defaults."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, Union

from . import _native
from ._results import Analysis, Comparison, Families, Fit, Fits, Plan, Sketches
from ._weights import Named, named, paths

Names = Union[str, "os.PathLike[str]", Iterable[str], None]
Size = Union[tuple[int, int], None]
Weights = Any


def analyze(
    weights: Weights,
    *,
    tensors: Names = None,
    exclude: Names = None,
    seed: int | None = None,
    draws: int | None = None,
    baseline: Literal["gaussian", "shuffle"] | None = None,
    significance: float | None = None,
    correction: Literal["none", "bh"] | None = None,
    blocks: int | None = None,
    block_share: float | None = None,
    ks: Literal["two", "one"] | None = None,
    min_tail: int | None = None,
    roles: str | os.PathLike[str] | None = None,
    values: bool = True,
    pictures: int | None = None,
    view: Literal["blocks", "conv1d"] | None = None,
    layout: Literal["out-in", "in-out"] | None = None,
    transpose: bool = False,
    min_dim: int | None = None,
    include_states: bool = False,
    strict: bool = False,
) -> Analysis:
    """Returns the singular values of weight matrices against random-matrix theory, as ``spectra analyze``.

    ``weights`` is a path or a list of paths of files and folders (.npy, .npz, .safetensors, PyTorch), a PyTorch module, a
    mapping of names to arrays, which may be nested, or one array. A matrix is m × n, outputs × inputs. Arrays are of NumPy, of
    PyTorch, or of anything with ``__array_interface__`` or ``__dlpack__``; they are read where they lie, one at a time, and
    must not change meanwhile. Tensors of PyTorch on a GPU are copied one at a time.

    ``tensors`` and ``exclude`` are patterns of names (``"*.attn.*"``), one or several. An argument that is None or left out
    has the default of the command line. Of the result, ``layers[name]`` has what was found of a matrix, ``summary`` what that
    comes to; a tensor that could not be analysed has a row whose ``reason`` says why.

    Raises ``Error`` (a ``ValueError``) where an argument does not fit or nothing can be read, ``KeyboardInterrupt`` after the
    matrix at hand.

    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> w = rng.standard_normal((100, 200))
    >>> planted = 3 * np.outer(rng.standard_normal(100), rng.standard_normal(200)) / 10
    >>> analysis = analyze({"noise": w, "signal": w + planted})
    >>> [(layer.name, layer.verdict.kind, layer.fitted_bulk.spikes) for layer in analysis.layers]
    [('noise', 'noise', 0), ('signal', 'spikes', 1)]
    >>> analysis.summary.matrices
    2
    """
    options = _reading(tensors, exclude, view, layout, transpose, min_dim, include_states, strict)
    options += _options(
        seed=seed,
        draws=draws,
        baseline=baseline,
        significance=significance,
        correction=correction,
        blocks=blocks,
        block_share=block_share,
        ks=ks,
        min_tail=min_tail,
        roles=None if roles is None else os.fspath(roles),
        no_values=not values,
        pictures=pictures,
    )
    return Analysis(_run("analyze", options, [weights]))


def _analyze_in_columns(weights: Weights, columns: str, *, tensors: Names, seed: int | None) -> Analysis:
    """Returns an analysis whose table has the columns, and whose fits the conventions, of another program."""
    options = _reading(tensors, None, None, None, False, None, False, False)
    options += _options(columns=columns, seed=seed)
    return Analysis(_run("analyze", options, [weights]))


def compare(
    one: Weights,
    *others: Weights,
    track: bool = False,
    initialisation: Literal["fan-in", "fixed"] | None = None,
    tensors: Names = None,
    exclude: Names = None,
    seed: int | None = None,
    draws: int | None = None,
    blocks: int | None = None,
    block_share: float | None = None,
    values: bool = True,
    view: Literal["blocks", "conv1d"] | None = None,
    layout: Literal["out-in", "in-out"] | None = None,
    transpose: bool = False,
    min_dim: int | None = None,
    include_states: bool = False,
    strict: bool = False,
) -> Comparison:
    """Returns variances and spectra of networks beside those of ``one``, tensor by tensor, as ``spectra compare``.

    Each of ``one`` and ``others`` is what ``analyze`` takes; all are files or all are in memory. With ``track`` they are
    checkpoints of one run, in order. Of the result, ``pairs`` has a row for each tensor of ``one`` and each of ``others``.

    Raises ``Error`` where an argument does not fit, or no matrix has a namesake of its shape.

    >>> import numpy as np
    >>> before = {"fc.weight": np.random.default_rng(1).standard_normal((40, 60))}
    >>> after = {"fc.weight": before["fc.weight"] * 2.0}
    >>> [pair.name for pair in compare(before, after).pairs]
    ['fc.weight']
    """
    options = _reading(tensors, exclude, view, layout, transpose, min_dim, include_states, strict)
    options += _options(
        track=track,
        initialisation=initialisation,
        seed=seed,
        draws=draws,
        blocks=blocks,
        block_share=block_share,
        no_values=not values,
    )
    return Comparison(_run("compare", options, [one, *others]))


def families(
    weights: Weights,
    *,
    family: Names = None,
    budgets: Iterable[float | str] | None = None,
    image: Size = None,
    tensors: Names = None,
    exclude: Names = None,
    seed: int | None = None,
    pictures: int | None = None,
    view: Literal["blocks", "conv1d"] | None = None,
    layout: Literal["out-in", "in-out"] | None = None,
    transpose: bool = False,
    min_dim: int | None = None,
    include_states: bool = False,
    strict: bool = False,
) -> Families:
    """Returns fits of structured families beside one another, error against parameters, as ``spectra families``.

    ``weights`` is what ``analyze`` takes. ``family`` names the families (``["low-rank", "dct"]``), ``budgets`` are shares of a
    matrix's entries (``[1/16, "1/4"]``), ``image`` is height and width of the images that rows of a matrix are.

    Raises ``Error`` where an argument does not fit or nothing can be read.

    >>> import numpy as np
    >>> w = np.outer(np.arange(1.0, 17.0), np.ones(16))
    >>> row = families({"w": w}, family="low-rank", budgets=[1 / 4]).layers["w"].families[0]
    >>> row.family, row.relative_residual < 1e-12
    ('low_rank', True)
    """
    options = _reading(tensors, exclude, view, layout, transpose, min_dim, include_states, strict)
    options += _options(
        family=_joined(family),
        budgets=_joined(budgets),
        image=_size(image),
        seed=seed,
        pictures=pictures,
    )
    return Families(_run("families", options, [weights]))


def fit_basis(
    weights: Weights,
    *,
    p: int | None = None,
    k: int | Iterable[int] | None = None,
    basis: Names | Mapping[str, Any] = None,
    residual: bool = False,
    inner: int | Iterable[int] | None = None,
    image: Size = None,
    link: Names = None,
    stages: Names | Iterable[int] = None,
    inputs: Any = None,
    solver: Literal["auto", "levenberg", "alternating"] | None = None,
    restarts: int | None = None,
    iterations: int | None = None,
    tolerance: float | None = None,
    memory: int | None = None,
    device: str | None = None,
    controls: bool = True,
    tensors: Names = None,
    exclude: Names = None,
    seed: int | None = None,
    pictures: int | None = None,
    view: Literal["blocks", "conv1d"] | None = None,
    layout: Literal["out-in", "in-out"] | None = None,
    transpose: bool = False,
    min_dim: int | None = None,
    include_states: bool = False,
    strict: bool = False,
) -> Fits:
    """Returns matrices as products of ``p`` sums of ``k`` fixed matrices, by least squares, as ``spectra fit-basis``.

    ``weights`` is what ``analyze`` takes. ``basis`` names one family or one for each factor, or is a mapping with matrices
    ``M1`` … ``Mp``, each (K, rows, columns), or the path of a file with these. ``inputs`` are activations, an array of one
    sample a row or the path of one: then ``X Wᵀ`` is fitted, half of the samples held out. Of the result, ``fits`` has a row
    for each matrix, and ``save`` writes the coefficients.

    Raises ``Error`` where an argument does not fit or no tensor is a matrix.

    >>> import numpy as np
    >>> w = np.random.default_rng(2).standard_normal((8, 12))
    >>> fits = fit_basis({"w": w}, k=96, basis="dct", controls=False)
    >>> fits.fits["w"].relative_residual < 1e-10
    True
    """
    mapping = named(basis) if isinstance(basis, Mapping) else None
    options = _reading(tensors, exclude, view, layout, transpose, min_dim, include_states, strict)
    options += _options(
        p=p,
        k=_joined(k),
        basis="basis" if mapping is not None else _joined(basis),
        residual=residual,
        inner=_joined(inner),
        image=_size(image),
        link=_joined(link),
        stages=_joined(stages),
        solver=solver,
        restarts=restarts,
        iterations=iterations,
        tolerance=tolerance,
        memory=memory,
        device=device,
        no_controls=not controls,
        seed=seed,
        pictures=pictures,
    )
    if mapping is not None:
        mapping = ("basis", mapping[1])
    return Fits(_run("fit-basis", options, [weights], inputs, mapping))


def sketch(
    weights: Weights,
    *,
    k: int | None = None,
    l: int | None = None,  # noqa: E741
    ensemble: str | None = None,
    trials: int | None = None,
    device: str | None = None,
    confidence: float | None = None,
    target: float | None = None,
    deviation: float | None = None,
    sweep: Iterable[int] | None = None,
    inputs: Any = None,
    image: Size = None,
    stride: int | None = None,
    padding: int | None = None,
    tensors: Names = None,
    exclude: Names = None,
    seed: int | None = None,
    pictures: int | None = None,
    view: Literal["blocks", "conv1d"] | None = None,
    layout: Literal["out-in", "in-out"] | None = None,
    transpose: bool = False,
    min_dim: int | None = None,
    include_states: bool = False,
    strict: bool = False,
) -> Sketches:
    """Returns what a random sketch of a layer costs in variance: exact, bounded, measured, as ``spectra sketch``.

    ``weights`` is what ``analyze`` takes, ``inputs`` an array of activations, one sample a row, images (N, C, H, W) for a
    convolution, or the path of one. ``k`` are the rows of a sketch, ``l`` the pairs that are averaged.

    Raises ``Error`` where an argument does not fit or nothing can be read.

    >>> import numpy as np
    >>> w = np.random.default_rng(3).standard_normal((16, 32))
    >>> sketch({"w": w}, k=8, trials=0).layers["w"].status
    'analyzed'
    """
    options = _reading(tensors, exclude, view, layout, transpose, min_dim, include_states, strict)
    options += _options(
        k=k,
        l=l,
        ensemble=ensemble,
        trials=trials,
        device=device,
        confidence=confidence,
        target=target,
        deviation=deviation,
        sweep=_joined(sweep),
        image=_size(image),
        stride=stride,
        padding=padding,
        seed=seed,
        pictures=pictures,
    )
    return Sketches(_run("sketch", options, [weights], inputs))


def plan(
    weights: Weights,
    budget: float | str | Iterable[float | str],
    *,
    moments: str | os.PathLike[str] | None = None,
    held_out: str | os.PathLike[str] | None = None,
    alpha: str | os.PathLike[str] | None = None,
    cost: Literal["parameters", "bytes", "macs"] | None = None,
    storage: Literal["factors", "pivoted"] | None = None,
    families: Names = None,
    multiple_of: int | None = None,
    tie: Iterable[str] | None = None,
    keep: Names = None,
    tensors: Names = None,
    exclude: Names = None,
    min_dim: int | None = None,
    strict: bool = False,
) -> Plan:
    """Returns how a budget is divided among the layers of one model, as ``spectra plan``.

    ``weights`` is the path of a model or a model in memory, as for ``analyze``. ``budget`` is a share of what the layers cost,
    ``0.4`` or ``"40%"``, or several. ``moments`` and ``held_out`` are files of ``spectra_weights.torch.capture``, ``alpha`` one of
    ``spectra_weights.torch.plan.probe``; what is known decides what the plan may claim, and ``knowledge.sentence`` says it. Each
    of ``tie`` is a list of parts of names, ``"q_proj,k_proj,v_proj"``, whose layers get one size.

    Raises ``Error`` where moments do not fit the model, or a budget cannot be met.

    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> model = {"a.weight": rng.standard_normal((60, 80)), "b.weight": rng.standard_normal((80, 60))}
    >>> made = plan(model, [0.5, 0.25])
    >>> made.knowledge.mode, [one.cost for one in made.budgets]
    ('weights', [4760, 2240])
    """
    budgets = _list(budget)
    options = _reading(tensors, exclude, None, None, False, min_dim, False, strict)
    options += [f"--tie={parts}" for parts in _list(tie)] + [f"--keep={pattern}" for pattern in _list(keep)]
    files = {"moments": moments, "held_out": held_out, "alpha": alpha}
    options += _options(
        budget=",".join(budgets),
        cost=cost,
        storage=storage,
        families=_joined(families),
        multiple_of=multiple_of,
        **{name: None if file is None else os.fspath(file) for name, file in files.items()},
    )
    return Plan(_run("plan", options, [weights]))


def load_fit(path: str | os.PathLike[str]) -> Fit:
    """Returns a file of fits that ``spectra fit-basis --out`` or ``Fits.save`` wrote.

    Raises ``Error`` where it is none, or a damaged one.
    """
    return Fit(_native.Fit(os.fspath(path)))


def _reading(
    tensors: Names,
    exclude: Names,
    view: str | None,
    layout: str | None,
    transpose: bool,
    min_dim: int | None,
    include_states: bool,
    strict: bool,
) -> list[str]:
    """Returns the options of all commands."""
    options = [f"--tensor={pattern}" for pattern in _list(tensors)]
    options += [f"--exclude={pattern}" for pattern in _list(exclude)]
    return options + _options(
        view=view,
        layout=layout,
        transpose=transpose,
        min_dim=min_dim,
        include_states=include_states,
        strict=strict,
    )


def _options(**arguments: str | float | bool | None) -> list[str]:
    """Returns arguments as options of the command line: those that are None or False are left out."""
    options = []
    for name, value in arguments.items():
        option = "--" + name.replace("_", "-")
        if value is True:
            options.append(option)
        elif value is not None and value is not False:
            options.append(f"{option}={value}")
    return options


def _list(items: Any) -> list[str]:
    if items is None:
        return []
    if isinstance(items, (str, int, float, os.PathLike)):
        return [str(items)]
    return [str(item) for item in items]


def _joined(items: Any) -> str | None:
    """Returns items as the command line lists them."""
    return ",".join(_list(items)) or None


def _size(size: Size) -> str | None:
    if size is None:
        return None
    if not isinstance(size, Sequence) or len(size) != 2 or not all(isinstance(side, int) for side in size):
        raise TypeError(f"the size of an image is two whole numbers, (height, width), not {size!r}")
    return f"{size[0]}x{size[1]}"


def _run(
    command: str,
    options: list[str],
    weights: list[Weights],
    inputs: Any = None,
    basis: Named | None = None,
) -> _native.Outcome:
    """Runs a command on files, or on arrays under the names that stand in the place of files."""
    given = None
    if inputs is not None:
        inputs_paths = paths(inputs)
        if inputs_paths is None:
            given = ("inputs", [("inputs", inputs)])
            inputs_paths = ["inputs"]
        options = options + [f"--inputs={inputs_paths[0]}"]
    files = [paths(one) for one in weights]
    arguments = [command, "--format=json", *options, "--"]
    if all(file is not None for file in files):
        names = [path for file in files if file is not None for path in file]
        return _native.run([*arguments, *names], None, given, basis)
    if any(file is not None for file in files):
        raise TypeError("weights are all files or all in memory: load the files, or save the others")
    sources = _numbered([named(one) for one in weights])
    return _native.run([*arguments, *(name for name, _ in sources)], sources, given, basis)


def _numbered(sources: list[Named]) -> list[Named]:
    """Gives a number to names that stand several times."""
    names = [name for name, _ in sources]
    if len(set(names)) == len(names):
        return sources
    return [(f"{name}#{number}", tensors) for number, (name, tensors) in enumerate(sources, 1)]
