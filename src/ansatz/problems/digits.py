"""Handwritten digits: the small images that come with scikit-learn."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import numpy as np

from ansatz.data.dataset import Dataset
from ansatz.errors import InputError
from ansatz.keys import generator
from ansatz.problems.references import DIGITS
from ansatz.typing import Key

SIDE = 8


@dataclasses.dataclass(frozen=True)
class Digits:
    """1,797 handwritten digits as images of 8 x 8 pixels, each a number of dark dots from 0 to 16.

    Events are drawn without replacement, so that no image is in two parts of a split.

    Attributes:
        flat: one column a pixel, `pixel_0_0` to `pixel_7_7` (row, column); otherwise x has shape (events, 8, 8, 1).
        only: the digits to keep, such as `(4, 9)`; all ten if empty. Classes are named after them.

    Raises:
        InputError: if `only` is not at least two different digits, or more events are drawn than there are.

    Example:
        >>> import jax
        >>> data = Digits(only=(4, 9)).draw(jax.random.key(0), 100)
        >>> data.x.shape, data.classes, data.columns[:2]
        ((100, 64), ('4', '9'), ('pixel_0_0', 'pixel_0_1'))
    """

    flat: bool = True
    only: tuple[int, ...] = ()

    task: ClassVar[str] = "classification"
    citations: ClassVar[tuple[str, ...]] = (DIGITS,)

    def __post_init__(self) -> None:
        object.__setattr__(self, "only", tuple(sorted(self.only)))
        known = all(digit in range(10) for digit in self.only)
        if self.only and (not known or len(set(self.only)) != len(self.only) or len(self.only) < 2):
            raise InputError(f"digits: only must be two or more different digits from 0 to 9, not {list(self.only)}")

    @property
    def events(self) -> int:
        """How many images there are of the digits that are kept."""
        return len(self._images()[1])

    def draw(self, key: Key, n: int) -> Dataset:
        """`n` different images in random order."""
        images, y = self._images()
        if n > len(images):
            raise InputError(f"digits: there are {len(images)} images, but {n} were asked for; ask for fewer")
        rows = generator(key).permutation(len(images))[:n]
        columns = tuple(f"pixel_{i}_{j}" for i in range(SIDE) for j in range(SIDE)) if self.flat else ()
        return Dataset(
            images[rows],
            y=y[rows],
            columns=columns,
            target=("digit",),
            classes=tuple(str(digit) for digit in self._kept()),
            row=rows,
            name="digits",
        )

    def _kept(self) -> tuple[int, ...]:
        return self.only or tuple(range(10))

    def _images(self) -> tuple[np.ndarray, np.ndarray]:
        from sklearn.datasets import load_digits

        pixels, digit = (np.asarray(values) for values in load_digits(return_X_y=True))
        rows = np.isin(digit, self._kept())
        images = pixels[rows] if self.flat else pixels[rows].reshape(-1, SIDE, SIDE, 1)
        return images, np.searchsorted(self._kept(), digit[rows])
