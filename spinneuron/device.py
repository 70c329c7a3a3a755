"""A magnetic tunnel junction as one flat, checked record: `Device`; read from TOML, written as TOML and JSON.

The metadata of the fields is the one place that knows keys, units, checks and meanings: the TOML reader and writer, the
docstring and `schema` are made from it. A new parameter is one more field.

Vectors are (x, y, z): x along the length, y along the width, z along the thickness, which is the direction of the
current.
"""

import dataclasses
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from spinneuron import device_checks as checks
from spinneuron import device_file, quantity
from spinneuron.device_file import Key
from spinneuron.geometry import GEOMETRIES, Size, area, demagnetizing_factors, volume
from spinneuron.quantity import InputError, nearest, shown

# Each NAME.toml in this folder is a preset device.
PRESETS = Path(__file__).parent / "presets"


_positive = checks.optional(quantity.positive)


def _field(
    section: str,
    unit: str,
    check: Callable,
    meaning: str,
    example: str,
    default: Any = dataclasses.MISSING,
    **more: str,
) -> Any:
    """Declare a field; its metadata is its `Key`, whose name `schema` fills in."""
    vectors = {quantity.vector: 3, quantity.unit_vector: 3, checks.series: 0}
    components = vectors.get(check, 1)
    key = Key(section, more.get("key", ""), unit, check, meaning, example, more.get("written", unit), components)
    return dataclasses.field(default=default, metadata={"key": key})


@dataclasses.dataclass(frozen=True, kw_only=True)
class Device:
    """A junction: the shape of its free layer, the material, and the electrical side; SI numbers, checked when made."""

    name: str = _field("", "", checks.title, "short name, for tables and figures", '"my-device"')
    description: str = _field("", "", checks.text, "what it is, in one line", '"..."', default="")
    citation: str = _field("", "", checks.text, "where it was published", '"..."', default="")
    assumptions: tuple[str, ...] = _field("", "", checks.texts, "what was chosen, and why", '["..."]', default=())

    geometry: str = _field(
        "geometry", "", checks.shape, "one of " + ", ".join(GEOMETRIES), '"elliptic-cylinder"', key="shape"
    )
    width: float = _field("geometry", "m", checks.size, "full axis along y, the short one", '"10 nm"')
    length: float = _field("geometry", "m", checks.size, "full axis along x, the long one", '"45 nm"')
    thickness: float = _field("geometry", "m", checks.size, "height along z, the direction of the current", '"50 nm"')

    Ms: float = _field("free_layer", "A/m", quantity.positive, "saturation magnetization", '"800 kA/m"')
    alpha: float = _field("free_layer", "1", quantity.positive, "Gilbert damping", "0.02")
    Ku: float = _field(
        "free_layer", "J/m^3", quantity.finite, "anisotropy besides the shape", '"100 kJ/m^3"', default=0.0
    )
    Ku2: float = _field("free_layer", "J/m^3", quantity.finite, "its fourth order", '"10 kJ/m^3"', default=0.0)
    easy_axis: tuple[float, float, float] = _field(
        "free_layer", "1", quantity.unit_vector, "direction of Ku, Ku2 (x, y, z)", "[0, 0, 1]", default=(0.0, 0.0, 1.0)
    )
    Aex: float = _field("free_layer", "J/m", quantity.positive, "exchange stiffness", '"10 pJ/m"', default=1e-11)
    applied_field: tuple[float, float, float] = _field(
        "free_layer", "A/m", quantity.vector, "constant external field (x, y, z)", '["0 A/m", "0 A/m", "10 kA/m"]',
        default=(0.0, 0.0, 0.0),
    )  # fmt: skip
    temperature: float = _field(
        "free_layer", "K", quantity.non_negative, "of the surroundings", '"300 K"', default=300.0
    )
    reference_temperature: float = _field(
        "free_layer", "K", quantity.non_negative, "at which Ms, Ku, P and tmr hold", '"300 K"', default=300.0
    )
    curie_temperature: float | None = _field(
        "free_layer", "K", _positive, "Ms ~ 1 - (T / it)^1.5; constant if left out", '"900 K"', default=None
    )
    Ku_exponent: float = _field(
        "free_layer", "1", quantity.non_negative, "Ku ~ Ms^it as the temperature changes", "2.2", default=2.2
    )
    Aex_exponent: float = _field("free_layer", "1", quantity.non_negative, "Aex ~ Ms^it", "1.8", default=1.8)
    Ku2_exponent: float = _field("free_layer", "1", quantity.non_negative, "Ku2 ~ Ms^it", "10", default=10.0)
    activation_volume: float | None = _field(
        "free_layer", "m^3", _positive, "turns as one against heat; all if left out", '"5000 nm^3"', default=None
    )

    resistance_area: float = _field(
        "junction", "ohm m^2", quantity.positive, "resistance-area product when parallel", '"1 ohm um^2"'
    )
    tmr: float = _field(
        "junction", "1", checks.ratio, "tunnel magnetoresistance at low voltage", '"100 %"', written="%"
    )
    P: float = _field("junction", "1", quantity.fraction, "spin polarization", "0.6")
    Lambda: float = _field(
        "junction", "1", checks.asymmetry, "Slonczewski asymmetry, 1 is symmetric", "1.0", default=1.0
    )
    eps_prime: float = _field(
        "junction",
        "1",
        quantity.finite,
        "field-like torque: its ratio to the damping-like one is 2 eps_prime / P",
        "0.0",
        default=0.0,
    )
    pinned: tuple[float, float, float] = _field(
        "junction",
        "1",
        quantity.unit_vector,
        "direction of the pinned layer (x, y, z)",
        "[0, 1, 0]",
        default=(0.0, 1.0, 0.0),
    )
    breakdown_voltage: float = _field(
        "junction", "V", quantity.positive, "largest voltage that the barrier bears", '"1.2 V"'
    )
    polarity: float = _field(
        "junction", "1", checks.polarity, "1: positive drive favors parallel; -1: antiparallel", "-1", default=1.0
    )
    tmr_voltage: float | None = _field(
        "junction", "V", _positive, "at which tmr is halved; constant if left out", '"0.5 V"', default=None
    )
    polarization_temperature: float | None = _field(
        "junction", "K", _positive, "P ~ 1 - (T / it)^1.5; constant if left out", '"1400 K"', default=None
    )

    thermal_resistances: tuple[float, ...] = _field(
        "heat", "K/W", checks.series, "of each thermal pole; [] without heating", '["4.7 K/mW"]', default=()
    )
    thermal_times: tuple[float, ...] = _field(
        "heat", "s", checks.series, "time constant of each thermal pole", '["270 ns"]', default=()
    )
    thermal_diffusivity: float | None = _field(
        "heat", "m^2/s", checks.optional(quantity.non_negative), "along the layers, for heat cell by cell",
        '"2e-5 m^2/s"', default=None,
    )  # fmt: skip

    def __post_init__(self) -> None:
        for name, key in schema().items():
            # The dataclass is frozen; its checked values may differ in type from those given (numpy, lists).
            object.__setattr__(self, name, key.check(key.key, getattr(self, name), key.unit))
        if len(self.thermal_times) != len(self.thermal_resistances):
            counts = f"{len(self.thermal_times)} entries, thermal_resistances {len(self.thermal_resistances)}"
            raise InputError(f"thermal_times: has {counts}; one of each is needed for every thermal pole")
        for name in ("curie_temperature", "polarization_temperature"):
            limit, hottest = getattr(self, name), max(self.temperature, self.reference_temperature)
            if limit is not None and limit <= hottest:
                shown_limit, shown_hottest = quantity.format(limit, "K"), quantity.format(hottest, "K")
                raise InputError(
                    f"{name} = {shown_limit}: must lie above temperature and its reference, {shown_hottest}"
                )

    @classmethod
    def presets(cls) -> tuple[str, ...]:
        """List the names of the preset devices, sorted."""
        return tuple(sorted(path.stem for path in PRESETS.glob("*.toml")))

    @classmethod
    def preset(cls, name: str) -> Self:
        """Read a preset device.

        Parameters
        ----------
        name : str
            One of `presets`.

        Returns
        -------
        Device

        Raises
        ------
        InputError
            If there is none of this name.
        """
        known = cls.presets()
        if name not in known:
            raise InputError(f"preset = {shown(name)}: {nearest(name, known)}presets: {', '.join(known)}")
        return cls.from_toml(PRESETS / f"{name}.toml")

    @classmethod
    def from_toml(cls, path: str | Path) -> Self:
        """Read a device from a TOML file.

        Parameters
        ----------
        path : str or Path
            The file; the format is that of `to_toml`.

        Returns
        -------
        Device

        Raises
        ------
        InputError
            If the file cannot be read, or a key is unknown, missing, or wrong; the message starts with the file.
        """
        try:
            return cls(**device_file.read(path, schema(), _REQUIRED))
        except InputError as error:
            raise InputError(f"{path}: {error}") from None

    @classmethod
    def load(cls, name_or_path: str | Path) -> Self:
        """Read a device by the name of a preset, or from a TOML file.

        Parameters
        ----------
        name_or_path : str or Path
            A preset goes before a file of the same name.

        Returns
        -------
        Device

        Raises
        ------
        InputError
            If it is neither, or the file is wrong.
        """
        known = cls.presets()
        if isinstance(name_or_path, str) and name_or_path in known:
            return cls.preset(name_or_path)
        given = str(name_or_path)
        if given.endswith(".toml") or os.path.isfile(given):
            return cls.from_toml(name_or_path)
        proposal = nearest(given, known)
        raise InputError(f"device = {shown(given)}: no preset and no .toml file; {proposal}presets: {', '.join(known)}")

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote.

        Parameters
        ----------
        text : str
            A JSON object of SI numbers.

        Returns
        -------
        Device

        Raises
        ------
        InputError
            If it is no such object, or a key is unknown, missing, or wrong.
        """
        try:
            fields = json.loads(text)
        except (ValueError, TypeError, RecursionError) as error:
            raise InputError(f"device = {shown(text)}: no JSON ({str(error).splitlines()[0]})") from None
        if not isinstance(fields, dict):
            raise InputError(f"device = {shown(text)}: a JSON object of the fields of a device is needed")
        _refuse_unknown(fields)
        if missing := [name for name in _REQUIRED if name not in fields]:
            raise InputError(f"device = {shown(text)}: {missing[0]} is missing")
        return cls(**fields)

    def replace(self, **fields: Any) -> Self:
        """Copy the device with other values.

        Parameters
        ----------
        **fields : object
            Values of fields, SI numbers.

        Returns
        -------
        Device

        Raises
        ------
        InputError
            If a field is unknown or its value wrong.

        Examples
        --------
        >>> Device.preset("orthogonal").replace(width=12e-9).width
        1.2e-08
        """
        _refuse_unknown(fields)
        return dataclasses.replace(self, **fields)

    def to_json(self) -> str:
        """Write the device as JSON, for the attributes of a dataset.

        Returns
        -------
        str
            One object of SI numbers; `from_json` gives back an equal device, to the last bit.
        """
        return json.dumps(dataclasses.asdict(self), ensure_ascii=False, allow_nan=False)

    def to_toml(self) -> str:
        """Write the device as TOML, with readable units and the meaning of every key.

        Returns
        -------
        str
            The text of a file; `from_toml` gives back an equal device, to the last bit.
        """
        return device_file.write(vars(self), schema())

    @property
    def size(self) -> Size:
        """Axes, volume, section and demagnetizing factors, as the physics reads them."""
        return Size.of(self.geometry, self.width, self.length, self.thickness)

    @property
    def volume(self) -> float:
        """Volume of the free layer [m^3]."""
        return float(volume(self.geometry, self.width, self.length, self.thickness))

    @property
    def area(self) -> float:
        """Section that the current crosses [m^2]."""
        return float(area(self.geometry, self.width, self.length))

    @property
    def demagnetizing_factors(self) -> tuple[float, float, float]:
        """Demagnetizing factors (N_width, N_length, N_thickness) [1]: diag(N[1], N[0], N[2]) in (x, y, z)."""
        return demagnetizing_factors(self.geometry, self.width, self.length, self.thickness)

    @property
    def resistance_parallel(self) -> float:
        """Resistance with the free layer along the pinned one [ohm]."""
        return self.resistance_area / self.area

    @property
    def resistance_antiparallel(self) -> float:
        """Resistance with the free layer against the pinned one [ohm], at low voltage."""
        return (1.0 + self.tmr) * self.resistance_parallel

    def resistance(self, cosine: Any, voltage: Any = 0.0) -> Any:
        """Compute the resistance: ``R = 2 / (G_P (1 + c) + G_AP (1 - c))``, ``c = m . pinned``.

        ``G_AP = G_P / (1 + TMR(V))``, ``TMR(V) = tmr / (1 + (V / tmr_voltage)^2)``.

        Parameters
        ----------
        cosine : float or array [1]
            Cosine of the angle between free and pinned layer, -1 to 1.
        voltage : float or array [V]
            Across the junction; matters if `tmr_voltage` is given.

        Returns
        -------
        float or array
            Resistance [ohm], of the shape of `cosine`, and of `voltage` where that matters.

        References
        ----------
        J. C. Slonczewski, Phys. Rev. B 39, 6995 (1989): the conductance is linear in the cosine. The fall of TMR with
        voltage is the usual empirical form.
        """
        tmr = self.tmr if self.tmr_voltage is None else self.tmr / (1.0 + (voltage / self.tmr_voltage) ** 2)
        G_P = 1.0 / self.resistance_parallel
        G_AP = G_P / (1.0 + tmr)
        return 2.0 / (G_P * (1.0 + cosine) + G_AP * (1.0 - cosine))


def schema() -> dict[str, Key]:
    """List the fields of a device: name to `Key`, in the order of the file."""
    return _SCHEMA


_SCHEMA: dict[str, Key] = {
    field.name: field.metadata["key"]._replace(key=field.metadata["key"].key or field.name)
    for field in dataclasses.fields(Device)
}
_REQUIRED = tuple(field.name for field in dataclasses.fields(Device) if field.default is dataclasses.MISSING)


def _refuse_unknown(fields: dict[str, Any]) -> None:
    """Name the first field that a device does not have."""
    for name in fields:
        if name not in _SCHEMA:
            raise InputError(f"unknown field {shown(name)}: {nearest(name, _SCHEMA)}allowed: {', '.join(_SCHEMA)}")


def _documented() -> str:
    """List the fields as numpydoc parameters."""
    lines = ["", "", "    Parameters", "    ----------"]
    for field in dataclasses.fields(Device):
        key = _SCHEMA[field.name]
        kind = "tuple" if key.components != 1 or key.check is checks.texts else "float" if key.unit else "str"
        lines.append(f"    {field.name} : {kind}" + (f" [{key.unit}]" if key.unit else ""))
        default = "" if field.default is dataclasses.MISSING else f" Default: {field.default!r}."
        lines.append(f"        {key.meaning[0].upper()}{key.meaning[1:]}.{default}")
    return "\n".join([*lines, "    "])


Device.__doc__ = (Device.__doc__ or "") + _documented()
