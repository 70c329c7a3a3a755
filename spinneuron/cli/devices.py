"""``spinneuron devices``: which devices there are, and each as a file to start from."""

import click


@click.command()
@click.argument("name", required=False)
def devices(name: str | None) -> None:
    """List the preset devices, or print one as TOML to start from.

    \b
    Example:
      spinneuron devices
      spinneuron devices orthogonal > mine.toml
    """
    from spinneuron.device import Device

    if name is not None:
        click.echo(Device.preset(name).to_toml().rstrip("\n"))
        return
    rows = [("NAME", "SHAPE", "W x L x T", "DESCRIPTION")]
    rows += [_row(Device.preset(preset)) for preset in Device.presets()]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _row(device) -> tuple[str, str, str, str]:
    from spinneuron.units import format

    size = " x ".join(format(axis, "m") for axis in (device.width, device.length, device.thickness))
    return device.name, device.geometry, size, device.description
