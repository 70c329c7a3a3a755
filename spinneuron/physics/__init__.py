"""What acts on a moment: numbers in, field [A/m] out.

Each file holds one flat NamedTuple of numbers, its reduction ``X.of(device, size)``, and small
inlined functions that read it. A new field or torque is one function here and one entry in the
table of :mod:`spinneuron.dynamics.macrospin`.
"""
