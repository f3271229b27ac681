"""What is measured of a matrix: norms, ranks and how flat its spectrum is."""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Array", "native_svdvals", "of_norms", "of_spectrum", "spectral_norm"]

Array = NDArray[Any]

# Up to this many rows or columns all singular values cost less than an iteration.
_SMALL = 48
# Most steps of the bidiagonalisation.
_STEPS = 60


def native_svdvals() -> Callable[[Array], Array]:
    """Returns this package's singular values, which release the interpreter; numpy's where the native part is absent."""
    native = getattr(importlib.import_module("spectra_weights"), "svdvals", None)
    if native is None:
        return lambda a: np.linalg.svd(a, compute_uv=False)
    return lambda a: np.asarray(native(np.ascontiguousarray(a)))


def of_norms(shape: tuple[int, int], frobenius: float, spectral: float) -> dict[str, float]:
    """Returns what follows from two norms of an m × n matrix.

    ``frobenius_norm``; ``spectral_norm`` s₁; ``rms_to_rms_norm`` s₁ √(n/m), the most that the root mean square of vectors
    grows; ``stable_rank`` Σs²/s₁². A zero matrix has no stable rank.
    """
    m, n = shape
    values = {
        "frobenius_norm": frobenius,
        "spectral_norm": spectral,
        "rms_to_rms_norm": spectral * math.sqrt(n / m),
    }
    if spectral > 0.0:
        values["stable_rank"] = (frobenius / spectral) ** 2
    return values


def of_spectrum(shape: tuple[int, int], s: Array) -> dict[str, float]:
    """Returns what all singular values say, those of :func:`of_norms` included.

    ``effective_rank`` is the exponential of the entropy of s/Σs; ``flat_share`` the share of singular values between half
    and twice their root mean square: 1 for an orthogonalised update, 1/r for one of rank one.
    """
    s = np.asarray(s, dtype=np.float64)
    scale = float(s.max(initial=0.0))
    if scale == 0.0:
        return of_norms(shape, 0.0, 0.0)
    unit = s / scale
    square = float(unit @ unit)
    values = of_norms(shape, scale * math.sqrt(square), scale)
    values["effective_rank"] = effective_rank(unit)
    mean = math.sqrt(square / len(s))
    values["flat_share"] = float(np.mean((unit >= 0.5 * mean) & (unit <= 2.0 * mean)))
    return values


def effective_rank(s: Array) -> float:
    """Returns exp of the entropy of s/Σs of singular values that are not all 0.

    >>> effective_rank(np.array([2.0, 2.0, 0.0]))
    2.0
    """
    p = s[s > 0.0] / s.sum()
    return float(np.exp(-(p * np.log(p)).sum()))


def spectral_norm(w: Array, svdvals: Callable[[Array], Array], *, tolerance: float = 1e-3) -> float:
    """Returns the largest singular value by Golub and Kahan's bidiagonalisation.

    It is approached from below; the iteration ends when four steps gain less than ``tolerance``, relative, which leaves less.

    Args:
        w: Finite entries, shape (m, n).
        svdvals: All singular values, for small matrices.
    """
    if min(w.shape) <= _SMALL:
        return float(svdvals(w)[0])
    scale = float(np.abs(w).max())
    if scale == 0.0:
        return 0.0
    rng = np.random.default_rng(0)
    start: Array = rng.standard_normal((w.shape[1],))
    right: list[Array] = [np.divide(start, np.linalg.norm(start))]
    u: Array = np.zeros(w.shape[0])
    alphas: list[float] = []
    betas: list[float] = []
    beta, estimate = 0.0, 0.0
    for step in range(_STEPS):
        u = (w @ right[-1].astype(w.dtype)).astype(np.float64) / scale - beta * u
        alpha = float(np.linalg.norm(u))
        if alpha == 0.0:
            break
        u = u / alpha
        alphas.append(alpha)
        v: Array = (u.astype(w.dtype) @ w).astype(np.float64) / scale
        basis = np.array(right)
        # twice is enough
        v -= basis.T @ (basis @ v)
        v -= basis.T @ (basis @ v)
        beta = math.sqrt(float(v @ v))
        if beta <= 1e-7 * alphas[0] or step == _STEPS - 1:
            break
        if step % 4 == 3:
            new = _largest(alphas, betas)
            if new - estimate < tolerance * new:
                break
            estimate = new
        betas.append(beta)
        right.append(v / beta)
    return scale * _largest(alphas, betas)


def _largest(alphas: list[float], betas: list[float]) -> float:
    """Returns the largest singular value of an upper bidiagonal matrix."""
    k = len(alphas)
    if k == 0:
        return 0.0
    matrix = np.diag(alphas) + np.diag(betas[: k - 1], 1)
    return float(np.linalg.svd(matrix, compute_uv=False)[0])
