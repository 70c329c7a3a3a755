"""Layers of a stack and what they are made of: thermal constants, and the published stack.

Thermal constants are handbook values of the bulk near 300 K (`MATERIALS`). Thin films conduct less, and every interface
adds a resistance; a contact on top that is left out would take heat away. What comes out is an estimate to calibrate.
"""

import dataclasses
from collections.abc import Sequence
from typing import NamedTuple, Self

from spinneuron import quantity
from spinneuron.quantity import InputError, nearest, shown


class Material(NamedTuple):
    """Thermal constants of a material."""

    conductivity: float
    """W/(m K)."""
    specific_heat: float
    """J/(kg K)."""
    density: float
    """kg/m^3."""

    @property
    def heat_capacity(self) -> float:
        """Heat capacity per volume [J/(m^3 K)]."""
        return self.specific_heat * self.density


# The usual bulk values near 300 K, as handbooks of chemistry and physics have them (MgO and Al2O3: polycrystalline
# ceramics; SiO2: fused silica). Thin films conduct less.
MATERIALS: dict[str, Material] = {
    "Al": Material(237.0, 897.0, 2700.0),
    "Al2O3": Material(30.0, 775.0, 3970.0),
    "Au": Material(317.0, 129.0, 19300.0),
    "Co": Material(100.0, 421.0, 8860.0),
    # No handbook has the alloy: iron stands in for it.
    "CoFeB": Material(80.4, 449.0, 7870.0),
    "Cu": Material(401.0, 385.0, 8960.0),
    # No handbook has nitrogen-doped copper: copper stands in for it.
    "CuN": Material(401.0, 385.0, 8960.0),
    "Fe": Material(80.4, 449.0, 7870.0),
    "MgO": Material(48.0, 924.0, 3580.0),
    "Pt": Material(71.6, 133.0, 21500.0),
    "Ru": Material(117.0, 238.0, 12100.0),
    "Si": Material(148.0, 705.0, 2330.0),
    "SiO2": Material(1.38, 740.0, 2200.0),
    "Ta": Material(57.5, 140.0, 16400.0),
    "Ti": Material(21.9, 523.0, 4510.0),
    "W": Material(174.0, 132.0, 19300.0),
}
"""Name -> handbook bulk values; thin films conduct less. CuN has those of copper, CoFeB those of iron."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Layer:
    """A layer of a stack, checked when made.

    Parameters
    ----------
    name : str
        What `heated` and `sensed` call it; layers of one name count as one.
    thickness : float [m]
    conductivity : float [W/(m K)]
        Thermal conductivity along the current.
    heat_capacity : float [J/(m^3 K)]
        Per volume.
    boundary : float, optional [W/(m^2 K)]
        Kapitza conductance of the interface below the layer; by default the contact is perfect.
    leak : float [W/(m^3 K)]
        Heat lost sideways, per volume and kelvin above ambient: 4 h / d for a disc of diameter d whose rim loses
        h [W/(m^2 K)].
    wide : bool
        Whether it is a plate much wider than the pillar, in which heat spreads to all sides: the electrodes and what
        lies beyond them. The layers of the pillar stand between wide ones, or above them.

    Raises
    ------
    InputError
        If a value is out of range; the message names the layer.
    """

    name: str
    thickness: float
    conductivity: float
    heat_capacity: float
    boundary: float | None = None
    leak: float = 0.0
    wide: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name.strip():
            raise InputError(f"name = {shown(self.name)}: a layer needs a name")
        units = {"thickness": "m", "conductivity": "W/(m K)", "heat_capacity": "J/(m^3 K)"}
        for field, unit in units.items():
            value = quantity.positive(f"layer {self.name}: {field}", getattr(self, field), unit)
            object.__setattr__(self, field, value)
        object.__setattr__(self, "leak", quantity.non_negative(f"layer {self.name}: leak", self.leak, "W/(m^3 K)"))
        if self.boundary is not None:
            value = quantity.positive(f"layer {self.name}: boundary", self.boundary, "W/(m^2 K)")
            object.__setattr__(self, "boundary", value)

    @classmethod
    def of(cls, material: str, thickness: float, *, name: str | None = None, wide: bool = False) -> Self:
        """Make a layer of a material of the table.

        Parameters
        ----------
        material : str
            One of `MATERIALS`.
        thickness : float [m]
        name : str, optional
            By default that of the material.
        wide : bool
            Whether it is a plate much wider than the pillar.

        Returns
        -------
        Layer

        Raises
        ------
        InputError
            If the material is unknown, or a value out of range.

        Examples
        --------
        >>> Layer.of("MgO", 0.9e-9).conductivity
        48.0
        """
        if material not in MATERIALS:
            known = ", ".join(MATERIALS)
            raise InputError(f"material = {shown(material)}: {nearest(material, MATERIALS)}allowed: {known}")
        conductivity, capacity = MATERIALS[material].conductivity, MATERIALS[material].heat_capacity
        name = material if name is None else name
        return cls(name=name, thickness=thickness, conductivity=conductivity, heat_capacity=capacity, wide=wide)


def constriction(conductivity: float, diameter: float) -> float:
    """Compute the spreading resistance of a disc on a half space: ``R = 1 / (2 kappa d)``.

    Parameters
    ----------
    conductivity : float [W/(m K)]
        Of the half space.
    diameter : float [m]
        Of the disc, which is isothermal.

    Returns
    -------
    float
        Resistance [K/W], for `top` or `bottom` of a stack.

    Raises
    ------
    InputError
        If a value is not positive.

    References
    ----------
    H. S. Carslaw and J. C. Jaeger, Conduction of Heat in Solids, 2nd ed. (1959).

    Examples
    --------
    >>> round(constriction(148.0, 200e-9))
    16892
    """
    kappa = quantity.positive("conductivity", conductivity, "W/(m K)")
    return 1.0 / (2.0 * kappa * quantity.positive("diameter", diameter, "m"))


def diffusivity(layers: Sequence[Layer]) -> float:
    """Compute how fast heat spreads along the layers of a pillar: ``D = sum kappa t / sum rho c t``.

    Layers this thin have one temperature across, and share what each of them conducts. Wide layers are left out: what
    they do to uneven heat is little beside it (docs/validation.md).

    Parameters
    ----------
    layers : sequence of Layer

    Returns
    -------
    float
        D [m^2/s], for ``thermal_diffusivity`` of a device.

    Raises
    ------
    InputError
        If no layer is the pillar's.

    Examples
    --------
    >>> f"{diffusivity(published_stack(300e-9)):.3g}"
    '2.87e-05'
    """
    pillar = [layer for layer in layers if not layer.wide]
    if not pillar:
        raise InputError(f"layers = {len(layers)} layers: at least one must be the pillar's, not wide")
    conducts = sum(layer.conductivity * layer.thickness for layer in pillar)
    return conducts / sum(layer.heat_capacity * layer.thickness for layer in pillar)


def published_stack(oxide: float) -> tuple[Layer, ...]:
    """List the layers of the published plasticity neuron, from the top to the substrate.

    From the substrate: Ta(5)/CuN(20)/Ta(5)/Pt(5)/[Co(0.4)/Pt(0.6)]5/Ru(0.85)/[Co(0.4)/Pt(0.6)]3/Ta(0.5)/CoFeB(0.9)/
    MgO(0.9)/CoFeB(1.1)/Ta(0.5)/[Co(0.3)/Pt(1.5)]2/Ru(5) nm. The oxide of the substrate is not published: say it.
    Assumed: Ta/CuN/Ta/Pt is the bottom electrode, wide as the oxide below it; contacts are perfect; constants are those
    of `MATERIALS`. The contact on top of Ru is not published and not in the list.

    Parameters
    ----------
    oxide : float [m]
        Thickness of the SiO2 under the bottom electrode; 0 for none.

    Returns
    -------
    tuple of Layer
        Named ``cap``, ``free`` (the second Pt to CoFeB), ``barrier``, ``reference`` (CoFeB to the lowest Co), and the
        wide ``electrode`` and ``oxide``.

    Raises
    ------
    InputError
        If the thickness is negative or not finite.

    Examples
    --------
    >>> [layer.name for layer in published_stack(300e-9)][-2:]
    ['electrode', 'oxide']
    """
    oxide = quantity.non_negative("oxide", oxide, "m")
    parts = {
        "cap": [("Ru", 5e-9)],
        "free": [("Pt", 1.5e-9), ("Co", 0.3e-9)] * 2 + [("Ta", 0.5e-9), ("CoFeB", 1.1e-9)],
        "barrier": [("MgO", 0.9e-9)],
        "reference": [("CoFeB", 0.9e-9), ("Ta", 0.5e-9), *[("Pt", 0.6e-9), ("Co", 0.4e-9)] * 3, ("Ru", 0.85e-9)]
        + [("Pt", 0.6e-9), ("Co", 0.4e-9)] * 5,
        "electrode": [("Pt", 5e-9), ("Ta", 5e-9), ("CuN", 20e-9), ("Ta", 5e-9)],
        "oxide": [("SiO2", oxide)] if oxide else [],
    }
    wide = ("electrode", "oxide")
    return tuple(Layer.of(*layer, name=name, wide=name in wide) for name, part in parts.items() for layer in part)
