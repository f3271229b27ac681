"""Fixed linear transforms of the last dimension, differentiable by torch's own operations."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

__all__ = ["circulant", "cosines", "dct", "hadamard", "idct", "power_of_two", "skew_circulant", "zig_zag"]

# From this order on the cosine transform goes by Fourier's.
_FAST = 256


def power_of_two(n: int) -> int:
    """Returns the smallest power of two from ``n`` on."""
    return 1 << (n - 1).bit_length()


@cache
def cosines(n: int) -> NDArray[np.float64]:
    """Returns the orthonormal DCT-II of n numbers, shape (n, n): ``s cos(π (2i + 1) k / 2n)`` in row k."""
    k, i = np.arange(n)[:, None], np.arange(n)[None, :]
    angle = 2.0 * np.pi * ((2 * i + 1) * k % (4 * n)) / (4 * n)
    scale = np.sqrt(np.where(k == 0, 1.0, 2.0) / n)
    result: NDArray[np.float64] = scale * np.cos(angle)
    return result


def zig_zag(height: int, width: int) -> list[tuple[int, int]]:
    """Returns all (vertical, horizontal) frequencies by their sum, down one diagonal and up the next, as JPEG has them."""
    order: list[tuple[int, int]] = []
    for total in range(height + width - 1):
        diagonal = [(y, total - y) for y in range(max(0, total + 1 - width), min(height, total + 1))]
        order.extend(diagonal if total % 2 else reversed(diagonal))
    return order


def _in_single(transform: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """Applies a transform that half precision has not."""
    if x.dtype in (torch.float16, torch.bfloat16):
        return transform(x.float()).to(x.dtype)
    return transform(x)


def dct(x: Tensor) -> Tensor:
    """Returns the orthonormal DCT-II of each vector, shape (..., n)."""
    n = x.shape[-1]
    if n < _FAST:
        return x @ torch.from_numpy(cosines(n)).to(x).mT
    return _in_single(_fast_dct, x)


def idct(x: Tensor) -> Tensor:
    """Returns the inverse, and adjoint, of :func:`dct`, shape (..., n)."""
    n = x.shape[-1]
    if n < _FAST:
        return x @ torch.from_numpy(cosines(n)).to(x)
    return _in_single(_fast_idct, x)


def _turns(n: int, like: Tensor) -> Tensor:
    """Returns ``exp(-iπk/2n)``, shape (n,)."""
    angle = torch.arange(n, dtype=like.dtype, device=like.device) * (-math.pi / (2 * n))
    return torch.polar(torch.ones_like(angle), angle)


def _scales(n: int, like: Tensor) -> Tensor:
    scales = torch.full((n,), math.sqrt(2.0 / n), dtype=like.dtype, device=like.device)
    scales[0] = math.sqrt(1.0 / n)
    return scales


def _fast_dct(x: Tensor) -> Tensor:
    n = x.shape[-1]
    turned = torch.cat([x[..., ::2], x[..., 1::2].flip(-1)], dim=-1)
    spectrum: Tensor = torch.fft.fft(turned, dim=-1) * _turns(n, x)
    return spectrum.real * _scales(n, x)


def _fast_idct(x: Tensor) -> Tensor:
    n = x.shape[-1]
    y = x / _scales(n, x)
    mirrored = torch.cat([torch.zeros_like(y[..., :1]), y[..., 1:].flip(-1)], dim=-1)
    spectrum = torch.complex(y, -mirrored) * _turns(n, x).conj()
    turned = torch.fft.ifft(spectrum, dim=-1).real
    half = (n + 1) // 2
    pairs = torch.stack(
        [turned[..., :half], functional.pad(turned[..., half:].flip(-1), (0, 2 * half - n))], dim=-1
    )
    return pairs.flatten(-2)[..., :n]


def hadamard(x: Tensor) -> Tensor:
    """Returns the orthonormal Hadamard transform of each vector, shape (..., N), N a power of two."""
    shape, n = x.shape, x.shape[-1]
    x = x * (1.0 / math.sqrt(n))
    step = 1
    while step < n:
        pairs = x.reshape(*shape[:-1], n // (2 * step), 2, step)
        first, second = pairs.unbind(-2)
        x = torch.stack([first + second, first - second], dim=-2).reshape(shape)
        step *= 2
    return x


def _pays(rows: int, columns: int, period: int) -> bool:
    """Whether fast transforms are less work than a dense product."""
    return 2 * rows * columns > 25 * period * period.bit_length()


def circulant(c: Tensor, x: Tensor, rows: int) -> Tensor:
    """Multiplies by the first ``rows`` rows and n columns of a circulant, ``A[i, j] = c[(i - j) mod N]``.

    Args:
        c: Its first column, shape (N,), N = max(rows, n).
        x: Vectors, shape (..., n).

    Returns:
        Shape (..., rows).
    """
    columns, period = x.shape[-1], c.shape[-1]
    if _pays(rows, columns, period):
        return _convolve(c, x, rows)
    i = torch.arange(rows, device=c.device)[:, None]
    j = torch.arange(columns, device=c.device)
    return x @ c[(i - j) % period].mT


def skew_circulant(h: Tensor, x: Tensor, rows: int) -> Tensor:
    """As :func:`circulant`, with the other sign above the diagonal."""
    columns, order = x.shape[-1], h.shape[-1]
    both = torch.cat([h, -h])
    if _pays(rows, columns, 2 * order):
        return _convolve(both, x, rows)
    i = torch.arange(rows, device=h.device)[:, None]
    j = torch.arange(columns, device=h.device)
    return x @ both[(i - j) % (2 * order)].mT


def _convolve(c: Tensor, x: Tensor, rows: int) -> Tensor:
    period = c.shape[-1]
    if x.dtype in (torch.float16, torch.bfloat16):
        return _convolve(c.float(), x.float(), rows).to(x.dtype)
    product = torch.fft.rfft(c) * torch.fft.rfft(x, n=period, dim=-1)
    whole: Tensor = torch.fft.irfft(product, n=period, dim=-1)
    return whole[..., :rows]
