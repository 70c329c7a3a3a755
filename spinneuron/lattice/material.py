"""What a lattice is made of: `Material`, numbers for all, by region or by cell."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

import numpy as np

from spinneuron.constants import mu0
from spinneuron.mesh import Mesh
from spinneuron.quantity import InputError, nearest
from spinneuron.quantity import shown as text

Given = float | Mapping[str, Any] | np.ndarray | Callable[[np.ndarray, np.ndarray, np.ndarray], Any]
"""One value for all cells; one by region; an array over the cells; or a function of x, y, z [m]."""


@dataclass(frozen=True, kw_only=True)
class Material:
    """Parameters of a magnet: each a number for all cells, numbers by region, an array, or a function of x, y, z.

    Parameters
    ----------
    Ms : float or Given [A/m]
        Saturation magnetization; no magnet where it is 0.
    Aex : float or Given [J/m]
        Exchange stiffness.
    alpha : float or Given [1]
        Gilbert damping.
    Ku, Ku2 : float or Given [J/m^3]
        Uniaxial anisotropy of second and fourth order.
    easy_axis : tuple or Given [1]
        Direction of Ku, Ku2.
    Kc1, Kc2 : float or Given [J/m^3]
        Cubic anisotropy of fourth and sixth order.
    cubic_axes : tuple or Given [1]
        Two orthogonal directions of Kc1, Kc2: (2, 3).
    Dind, Dbulk : float or Given [J/m^2]
        Dzyaloshinskii-Moriya interaction of an interface with normal z, and of a bulk; signs as in
        `physics.lattice.dmi`.
    """

    Ms: Given
    Aex: Given = 0.0
    alpha: Given = 0.01
    Ku: Given = 0.0
    Ku2: Given = 0.0
    easy_axis: Any = (0.0, 0.0, 1.0)
    Kc1: Given = 0.0
    Kc2: Given = 0.0
    cubic_axes: Any = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0))
    Dind: Given = 0.0
    Dbulk: Given = 0.0

    @property
    def exchange_length(self) -> float:
        """``sqrt(2 Aex / mu0 Ms^2)`` [m] of a material that is the same everywhere."""
        return float(np.sqrt(2.0 * np.asarray(self.Aex) / (mu0 * np.asarray(self.Ms) ** 2)))


class Quantity(NamedTuple):
    """How a parameter is checked.

    Attributes
    ----------
    unit : str
    lowest : float
        Smallest value that is allowed.
    shape : tuple of int
        Of one value; vectors are scaled to length 1.
    """

    unit: str
    lowest: float
    shape: tuple[int, ...] = ()


QUANTITIES = {
    "Ms": Quantity("A/m", 0.0),
    "Aex": Quantity("J/m", 0.0),
    "alpha": Quantity("1", 0.0),
    "Ku": Quantity("J/m^3", -np.inf),
    "Ku2": Quantity("J/m^3", -np.inf),
    "easy_axis": Quantity("1", -np.inf, (3,)),
    "Kc1": Quantity("J/m^3", -np.inf),
    "Kc2": Quantity("J/m^3", -np.inf),
    "cubic_axes": Quantity("1", -np.inf, (2, 3)),
    "Dind": Quantity("J/m^2", -np.inf),
    "Dbulk": Quantity("J/m^2", -np.inf),
}


def over_cells(material: Material, mesh: Mesh, regions: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """All parameters as arrays over the cells.

    Parameters
    ----------
    material : Material
    mesh : Mesh
    regions : mapping of str to numpy.ndarray of bool
        (nz, ny, nx).

    Returns
    -------
    dict of str to numpy.ndarray
        Each (..., nz, ny, nx).

    Raises
    ------
    InputError
        If a value is not finite or out of range, a region unknown or without value, an array has another shape, or
        cubic axes are not orthogonal.
    """
    found = {
        field.name: spread(field.name, getattr(material, field.name), mesh, regions, QUANTITIES[field.name])
        for field in fields(material)
    }
    first, second = found["cubic_axes"]
    if (skew := np.abs((first * second).sum(axis=0)).max()) > 1e-6:
        raise InputError(f"cubic_axes: the cosine between them is {skew:.3g}; two orthogonal directions are needed")
    return found


def spread(name: str, given: Any, mesh: Mesh, regions: Mapping[str, np.ndarray], kind: Quantity) -> np.ndarray:
    """One parameter as an array over the cells, checked.

    Parameters
    ----------
    name : str
        For messages.
    given : float, mapping, numpy.ndarray or callable
    mesh : Mesh
    regions : mapping of str to numpy.ndarray of bool
    kind : Quantity

    Returns
    -------
    numpy.ndarray
        (..., nz, ny, nx).

    Raises
    ------
    InputError
        As in `over_cells`.
    """
    values = np.zeros((*kind.shape, *mesh.shape))
    inside: Any = True
    if isinstance(given, Mapping):
        for region in given:
            if region not in regions:
                known = f"regions: {', '.join(regions)}" if regions else "there are no regions"
                raise InputError(f"{name}: unknown region {text(region)}; {nearest(str(region), regions)}{known}")
        if missing := [region for region in regions if region not in given]:
            raise InputError(f"{name}: has no value for region {text(missing[0])}; give one")
        for region, value in given.items():
            values[..., regions[region]] = _array(f"{name}[{text(region)}]", value, kind.shape)[..., None]
        # cells in no region have nothing
        inside = np.any([*regions.values()], axis=0)
    else:
        whole = given(*mesh.centers()) if callable(given) else given
        if callable(given) and kind.shape == (3,):
            whole = [np.broadcast_to(one, mesh.shape) for one in whole]
        array = _array(name, whole, None)
        if array.shape == kind.shape:
            array = array.reshape(*kind.shape, 1, 1, 1)
        try:
            values[:] = array
        except ValueError:
            wanted = (*kind.shape, *mesh.shape)
            raise InputError(f"{name}: needs one value or shape {wanted}, got {array.shape}") from None
    if (bad := values < kind.lowest).any():
        raise InputError(f"{name} = {values[bad][0]:g} {kind.unit}: must not be negative")
    if kind.shape:
        length = np.linalg.norm(values, axis=-4, keepdims=True)
        if (length == 0.0).any(where=inside):
            raise InputError(f"{name}: a direction is needed, not 0")
        values = np.divide(values, length, out=values, where=length > 0.0)
    return values


def _array(name: str, value: Any, shape: tuple[int, ...] | None) -> np.ndarray:
    try:
        array = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        raise InputError(f"{name} = {text(value)}: numbers are needed") from None
    if shape is not None and array.shape != shape:
        raise InputError(f"{name} = {text(value)}: needs shape {shape}, got {array.shape}")
    if not np.isfinite(array).all():
        raise InputError(f"{name}: holds {array[~np.isfinite(array)].flat[0]}; only finite numbers are allowed")
    return array
