"""Layers of structured weights, generic over their families."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from .families import family as family_of
from .matrix import Matrix, building
from .slot import Image, Key, Slot

__all__ = ["Conv2d", "Linear", "matrix"]


def matrix(
    family: str,
    slot: Slot,
    *,
    seed: int = 0,
    layer: int = 0,
    device: torch.device | str | None = None,
    dtype: torch.dtype | None = None,
    **settings: Any,
) -> Matrix:
    """Makes a structured matrix.

    Args:
        family: Its name in recipes of ``spectra train``.
        slot: Sizes, and what images its columns are.
        seed, layer: Name the random numbers of its fixed parts, as the seed of a recipe and the index of a layer do:
            the same two give the same bits as the program.
        settings: The family's settings as recipes name them, with underscores or hyphens.

    Raises:
        UnsupportedFamily: A family that has no module.
        ValueError: Settings that do not suit the sizes.
        TypeError: Settings that the family has not.
    """
    kind = family_of(family)
    named = {name.replace("-", "_"): value for name, value in settings.items()}
    with building(dtype):
        made = kind(slot, Key(seed, layer), **named)
    return made.to(device)


class Linear(nn.Module):
    """``y = W x + b`` with W of any structured family; stands where ``torch.nn.Linear`` stands.

    Args:
        in_features: n.
        out_features: m.
        family: The family's name in recipes, ``"low-rank"`` say.
        bias: Whether there is b.
        image: (channels, height, width) of the images that the inputs are, flattened as by ``torch.flatten``; families
            that see neighbours (``dct``, ``separable``, ``frequency-hashed``, ``projected``) use it.
        seed, layer: Name the random numbers of fixed parts, as in recipes.
        settings: The family's settings, ``rank=16`` say.

    Attributes:
        matrix: W with its parameters.
        bias: b, shape (m,), or ``None``.

    >>> layer = Linear(784, 500, family="low-rank", rank=16)
    >>> sum(p.numel() for p in layer.parameters()), layer(torch.ones(2, 784)).shape, layer.dense().shape
    (21044, torch.Size([2, 500]), torch.Size([500, 784]))
    """

    bias: nn.Parameter | None

    def __init__(
        self,
        in_features: int,
        out_features: int,
        family: str = "dense",
        bias: bool = True,
        *,
        image: tuple[int, int, int] | None = None,
        seed: int = 0,
        layer: int = 0,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
        **settings: Any,
    ) -> None:
        super().__init__()
        slot = Slot(out_features, in_features, image=Image(*image) if image else None)
        self._hold(
            matrix(family, slot, seed=seed, layer=layer, device=device, dtype=dtype, **settings),
            torch.zeros(out_features, device=device, dtype=dtype) if bias else None,
        )

    def _hold(self, weight: Matrix, bias: Tensor | None) -> None:
        self.matrix = weight
        self.in_features, self.out_features = weight.columns, weight.rows
        self.register_parameter("bias", None if bias is None else _parameter(bias))

    @classmethod
    def from_weight(cls, weight: Tensor, family: str, bias: Tensor | None = None, **settings: Any) -> Linear:
        """Makes the layer nearest to a dense one, for families whose nearest matrix is a formula.

        Args:
            weight: Shape (m, n).
            bias: Shape (m,), or ``None``.

        Raises:
            NotImplementedError: Other families.

        >>> dense = torch.nn.Linear(6, 4)
        >>> layer = Linear.from_weight(dense.weight, "low-rank", dense.bias, rank=4)
        >>> torch.allclose(layer.dense(), dense.weight, atol=1e-6)
        True
        """
        own = matrix(family, Slot(*weight.shape), device=weight.device, dtype=weight.dtype, **settings)
        own.project(weight)
        return cls.of(own, bias)

    @classmethod
    def of(cls, weight: Matrix, bias: Tensor | None = None) -> Linear:
        """Makes a layer of a matrix and, a vector of shape (m,), its bias."""
        layer = cls.__new__(cls)
        nn.Module.__init__(layer)
        layer._hold(weight, bias)
        return layer

    def forward(self, x: Tensor) -> Tensor:
        """Returns ``W x + b`` of vectors of shape (..., n), shape (..., m).

        Raises:
            ValueError: Vectors of another length.
        """
        if x.shape[-1:] != (self.in_features,):
            raise ValueError(f"vectors of shape {tuple(x.shape)}; expected (..., {self.in_features})")
        y: Tensor = self.matrix(x)
        return y if self.bias is None else y + self.bias

    def dense(self) -> Tensor:
        """Returns W, shape (m, n)."""
        return self.matrix.dense()

    def reset_parameters(self) -> None:
        """Draws the weight again and sets the bias to zero."""
        self.matrix.reset_parameters()
        if self.bias is not None:
            nn.init.zeros_(self.bias)

    def extra_repr(self) -> str:
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"


class Conv2d(nn.Module):
    """A convolution whose kernel, as a matrix out × (channels height width), is of any structured family.

    The kernel is never formed: patches are taken (im2col) and multiplied, 1 x 1 kernels without copies.

    Args:
        in_channels, out_channels: c and m.
        kernel_size, stride, padding: One number, or height and width; padding with zeros.
        family, bias, seed, layer, settings: As of :class:`Linear`.

    >>> layer = Conv2d(3, 8, 3, family="low-rank", rank=2, padding=1)
    >>> layer(torch.ones(2, 3, 10, 10)).shape, layer.dense().shape
    (torch.Size([2, 8, 10, 10]), torch.Size([8, 3, 3, 3]))
    """

    bias: nn.Parameter | None

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, int],
        stride: int | tuple[int, int] = 1,
        padding: int | tuple[int, int] = 0,
        family: str = "dense",
        bias: bool = True,
        *,
        seed: int = 0,
        layer: int = 0,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
        **settings: Any,
    ) -> None:
        super().__init__()
        height, width = _pair(kernel_size)
        kernel = Image(in_channels, height, width)
        slot = Slot(out_channels, in_channels * height * width, kernel=kernel)
        self._hold(
            matrix(family, slot, seed=seed, layer=layer, device=device, dtype=dtype, **settings),
            torch.zeros(out_channels, device=device, dtype=dtype) if bias else None,
            _pair(stride),
            _pair(padding),
            (1, 1),
        )

    def _hold(
        self,
        weight: Matrix,
        bias: Tensor | None,
        stride: tuple[int, int],
        padding: tuple[int, int],
        dilation: tuple[int, int],
    ) -> None:
        kernel = weight.slot.kernel
        if kernel is None:
            raise ValueError(f"a {weight.family} weight of {weight.rows}x{weight.columns} is of no convolution")
        self.matrix = weight
        self.in_channels, self.out_channels = kernel.channels, weight.rows
        self.kernel_size = (kernel.height, kernel.width)
        self.stride, self.padding, self.dilation = stride, padding, dilation
        self.register_parameter("bias", None if bias is None else _parameter(bias))

    @classmethod
    def of(
        cls,
        weight: Matrix,
        bias: Tensor | None = None,
        stride: int | tuple[int, int] = 1,
        padding: int | tuple[int, int] = 0,
        dilation: int | tuple[int, int] = 1,
    ) -> Conv2d:
        """Makes a layer of a matrix whose slot has a kernel.

        Raises:
            ValueError: The slot has none.
        """
        layer = cls.__new__(cls)
        nn.Module.__init__(layer)
        layer._hold(weight, bias, _pair(stride), _pair(padding), _pair(dilation))
        return layer

    def forward(self, x: Tensor) -> Tensor:
        """Convolves images of shape (N, c, h, w) or (c, h, w) to (N, m, h', w') or (m, h', w').

        Raises:
            ValueError: Other channels, or a kernel larger than the padded image.
        """
        if x.ndim == 3:
            return self.forward(x.unsqueeze(0)).squeeze(0)
        if x.ndim != 4 or x.shape[1] != self.in_channels:
            raise ValueError(f"images of shape {tuple(x.shape)}; expected (N, {self.in_channels}, height, width)")
        down, across = self._places(x.shape[2], x.shape[3])
        if self.kernel_size == (1, 1) and self.padding == (0, 0):
            patches = x[:, :, :: self.stride[0], :: self.stride[1]].flatten(2)
        else:
            patches = functional.unfold(x, self.kernel_size, self.dilation, self.padding, self.stride)
        y: Tensor = self.matrix(patches.transpose(1, 2))
        if self.bias is not None:
            y = y + self.bias
        return y.transpose(1, 2).reshape(x.shape[0], self.out_channels, down, across)

    def _places(self, height: int, width: int) -> tuple[int, int]:
        sides = []
        for axis, side in enumerate((height, width)):
            span = self.dilation[axis] * (self.kernel_size[axis] - 1) + 1
            room = side + 2 * self.padding[axis] - span
            if room < 0:
                size = "x".join(map(str, self.kernel_size))
                raise ValueError(f"a kernel of {size} does not fit in images of {height}x{width} with padding {self.padding}")
            sides.append(room // self.stride[axis] + 1)
        return sides[0], sides[1]

    def dense(self) -> Tensor:
        """Returns the kernel, shape (m, c, height, width)."""
        return self.matrix.dense().reshape(self.out_channels, self.in_channels, *self.kernel_size)

    def reset_parameters(self) -> None:
        """Draws the weight again and sets the bias to zero."""
        self.matrix.reset_parameters()
        if self.bias is not None:
            nn.init.zeros_(self.bias)

    def extra_repr(self) -> str:
        return (
            f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}, "
            f"padding={self.padding}, bias={self.bias is not None}"
        )


def _pair(value: int | tuple[int, int]) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else (value[0], value[1])


def _parameter(bias: Tensor) -> nn.Parameter:
    return bias if isinstance(bias, nn.Parameter) else nn.Parameter(bias)
