"""What an OVF file holds: values on a lattice of equal cells, and what they are called."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from spinneuron.quantity import InputError, non_negative, positive, shown, vector


def default_labels(valuedim: int) -> tuple[str, ...]:
    """Name the values of a cell where nothing else is said.

    Parameters
    ----------
    valuedim : int
        Values in a cell.

    Returns
    -------
    tuple of str

    Examples
    --------
    >>> default_labels(3)
    ('x', 'y', 'z')
    >>> default_labels(2)
    ('value_1', 'value_2')
    """
    if valuedim == 3:
        return ("x", "y", "z")
    return ("value",) if valuedim == 1 else tuple(f"value_{number}" for number in range(1, valuedim + 1))


# Without equality: arrays are compared by whoever knows how closely.
@dataclass(frozen=True, eq=False)
class Ovf:
    """A field on a rectangular mesh.

    Parameters
    ----------
    values : numpy.ndarray
        (valuedim, nz, ny, nx), float64, finite, in `units`. A magnetization may be in A/m or of length 1: nothing is
        scaled, and 0 stands where there is no magnet.
    cell : tuple of float [m]
        (dx, dy, dz).
    base : tuple of float [m]
        Center of the first cell; by default so that the corner of the mesh lies at 0.
    labels : tuple of str
        What each of the values is called, such as ``("m_x", "m_y", "m_z")``.
    units : tuple of str
        The unit of each, as a label; "" where it is not said.
    title : str
        One line.
    description : tuple of str
        Lines, without that of the time.
    time : float [s] or None
        Of the state; None where there is none, as after a minimization.

    Raises
    ------
    InputError
        If a part is of the wrong shape or kind, or could not be written as one line.
    """

    values: np.ndarray
    cell: tuple[float, float, float]
    base: tuple[float, ...] = ()
    labels: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    title: str = ""
    description: tuple[str, ...] = ()
    time: float | None = None

    def __post_init__(self) -> None:
        """Check what was given, and fill in what was not."""
        values = _checked(self.values)
        cell = tuple(positive(f"cell[{i}]", size, "m") for i, size in enumerate(vector("cell", self.cell, "m")))
        base = vector("base", self.base, "m") if np.size(self.base) else tuple(size / 2.0 for size in cell)
        count = len(values)
        labels = tuple(self.labels) or default_labels(count)
        units = tuple(self.units) or ("",) * count
        for name, words in (("labels", labels), ("units", units)):
            if len(words) != count:
                raise InputError(
                    f"{name} = {shown(words)}: {len(words)} for {count} values in a cell; give one for each"
                )
            for word in words:
                _one_line(name, word, '{}"\\')
        if not all(labels):
            raise InputError(f"labels = {shown(labels)}: every value needs a name, like {shown(default_labels(count))}")
        title = _one_line("title", self.title)
        lines = tuple(_one_line("description", line) for line in self.description)
        time = None if self.time is None else non_negative("time", self.time, "s")
        checked = {"values": values, "cell": cell, "base": base, "labels": labels, "units": units}
        for name, value in {**checked, "title": title, "description": lines, "time": time}.items():
            object.__setattr__(self, name, value)

    @property
    def counts(self) -> tuple[int, int, int]:
        """Cells along x, y and z."""
        nz, ny, nx = self.values.shape[1:]
        return nx, ny, nz

    @property
    def valuedim(self) -> int:
        """Values in a cell: 3 for a vector."""
        return len(self.values)

    @property
    def origin(self) -> tuple[float, float, float]:
        """Corner of the mesh [m] at its smallest x, y and z."""
        x, y, z = (base - size / 2.0 for base, size in zip(self.base, self.cell, strict=True))
        return x, y, z

    @property
    def extent(self) -> tuple[float, float, float]:
        """Size of the mesh [m] along x, y and z."""
        x, y, z = (count * size for count, size in zip(self.counts, self.cell, strict=True))
        return x, y, z


def _checked(values: Any) -> np.ndarray:
    """The values as a float64 array of four axes."""
    try:
        array = np.ascontiguousarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(f"values = {shown(values)}: an array of numbers (valuedim, nz, ny, nx) is needed") from None
    if array.ndim != 4 or not array.size:
        raise InputError(f"values: an array (valuedim, nz, ny, nx) is needed, not of shape {array.shape}")
    if not np.isfinite(array).all():
        raise InputError(f"values: {first_endless(array)}")
    return array


def first_endless(values: np.ndarray) -> str:
    """Say where an array is not finite.

    Parameters
    ----------
    values : numpy.ndarray
        (valuedim, nz, ny, nx), with at least one NaN or infinity.

    Returns
    -------
    str
        For a message.
    """
    count = int((~np.isfinite(values)).sum())
    component, z, y, x = (int(i) for i in np.argwhere(~np.isfinite(values))[0])
    where = f"first {values[component, z, y, x]} in value {component + 1} of the cell x, y, z = {x}, {y}, {z}"
    return f"{count} of {values.size} are not finite, {where}; a cell without magnet is written as 0"


def _one_line(name: str, text: Any, refused: str = "") -> str:
    """A text that fits in a line of the header."""
    if not isinstance(text, str):
        raise InputError(f"{name} = {shown(text)}: a text is needed")
    bad = [sign for sign in ("##", *refused) if sign in text]
    if bad or not text.isprintable():
        raise InputError(f"{name} = {shown(text)}: must be one line without {bad[0] if bad else 'control characters'}")
    return text.strip()
