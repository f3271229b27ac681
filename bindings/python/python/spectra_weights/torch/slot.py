"""The position of a weight in a network: its sizes, the images that its columns are, and whose random numbers it draws."""

from __future__ import annotations

from dataclasses import dataclass

from .random import Entries, Stream

__all__ = ["Image", "Key", "Slot"]

# First words of the paths of fixed random parts, and of the terms of sums.
_FIXED = 501
_TERMS = 3


@dataclass(frozen=True)
class Image:
    """Channels, height and width of the images that the columns of a weight are, channel by channel and row by row."""

    channels: int
    height: int
    width: int

    @property
    def area(self) -> int:
        """Pixels of a channel."""
        return self.height * self.width


@dataclass(frozen=True)
class Slot:
    """The sizes of a weight.

    Attributes:
        rows: Outputs m.
        columns: Inputs n; of a convolution channels · height · width of its kernel.
        kernel: The kernel of a convolution.
        image: The images that the inputs of a fully connected layer are; ``None`` for inputs that are no images.
    """

    rows: int
    columns: int
    kernel: Image | None = None
    image: Image | None = None

    def __post_init__(self) -> None:
        if self.rows < 1 or self.columns < 1:
            raise ValueError(f"a weight of {self.rows}x{self.columns}; it has rows and columns")
        planes = self.planes
        if planes.channels * planes.area != self.columns:
            raise ValueError(
                f"images of {planes.channels}x{planes.height}x{planes.width} are not the {self.columns} columns of a weight"
            )

    @property
    def planes(self) -> Image:
        """What a row of the matrix runs over; one row of pixels where that is no image."""
        return self.kernel or self.image or Image(1, 1, self.columns)

    @property
    def area(self) -> int:
        """Places of a convolution's kernel, 1 of a fully connected layer."""
        return self.kernel.area if self.kernel else 1

    @property
    def fans(self) -> tuple[int, int]:
        """Fan-in and fan-out; the fan-out of a convolution counts the places of its kernel."""
        return self.columns, self.rows * self.area


@dataclass(frozen=True)
class Key:
    """Names the random numbers of the fixed parts of one weight: the seed of a network and the index of a layer."""

    seed: int = 0
    layer: int = 0

    def entries(self, part: int, index: int) -> Entries:
        """Returns the numbers of a fixed matrix."""
        return Entries(self.seed, (_FIXED, self.layer, part, index))

    def stream(self, part: int, index: int) -> Stream:
        """Returns the stream of a hash or a permutation."""
        return Stream(self.seed, (_FIXED, self.layer, part, index))

    def factor(self, factor: int) -> TermKey:
        """Returns the key of the terms of a factor of a product of sums."""
        return TermKey(self.seed, self.layer, factor)


@dataclass(frozen=True)
class TermKey:
    """Names the random numbers of the fixed terms of one factor."""

    seed: int
    layer: int
    factor: int

    def entries(self, term: int) -> Entries:
        """Returns the numbers of a term."""
        return Entries(self.seed, (_TERMS, self.layer, self.factor, term))

    def stream(self, term: int) -> Stream:
        """Returns the stream of a term."""
        return Stream(self.seed, (_TERMS, self.layer, self.factor, term))
