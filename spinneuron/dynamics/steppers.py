"""One step of one moment: the time-stepping schemes, each with its declared order.

The equation of motion, with the damping already resolved (gamma' = gamma0 / (1 + alpha^2)):

    dm/dt = m x Omega,    Omega = -gamma' (H + alpha m x H),    H = H_local(m) + a_J m x p + b_J p + H_thermal

which is dm/dt = -gamma' [m x H + alpha m x (m x H)] (Landau-Lifshitz-Gilbert-Slonczewski). Every field reaches a step
as an angle, H gamma' dt. Sources: stochastic Heun: Garcia-Palacios, Lazaro, Phys. Rev. B 58, 14937 (1998);
semi-implicit B: Mentink, Tretyakov, Fasolino, Katsnelson, Rasing, J. Phys.: Condens. Matter 22, 176001 (2010). Both
converge to the Stratonovich solution.

Adding a scheme: a step function here with the signature of ``heun_step``, one branch in ``macrospin.advance``, one
entry in STEPPERS.
"""

from __future__ import annotations

from typing import NamedTuple

from spinneuron.compiled import inline
from spinneuron.physics.fields import local_field
from spinneuron.physics.torques import slonczewski_amplitudes
from spinneuron.physics.transport import current_density


class Stepper(NamedTuple):
    """What a scheme declares of itself.

    Attributes
    ----------
    scheme : int
        Its number inside the kernels.
    order : int
        Order in dt of the deterministic global error; a test observes it.
    weak_order : int
        Order in dt of the error of averages under noise; 0 where the scheme takes no noise.
    largest_angle : float [rad]
        Largest gamma0 H dt accepted; the automatic step takes 0.7 of it.
    description : str
    """

    scheme: int
    order: int
    weak_order: int
    largest_angle: float
    description: str


HEUN, SEMI_IMPLICIT, DORMAND_PRINCE = 0, 1, 2

STEPPERS = {
    "heun": Stepper(HEUN, 2, 1, 0.1, "stochastic Heun, renormalized; the fastest step at finite temperature"),
    "semi-implicit": Stepper(
        SEMI_IMPLICIT, 2, 1, 0.15, "semi-implicit midpoint (SIB): keeps |m| by itself, for low damping or larger steps"
    ),
    "dormand-prince": Stepper(
        DORMAND_PRINCE, 5, 0, 3.0, "adaptive Runge-Kutta 5(4) with error control, for T = 0 only"
    ),
}


class Numbers(NamedTuple):
    """Literals in the precision of the state, so that a float32 run stays in float32.

    Attributes
    ----------
    one, half, three_eighths, five_sixteenths : float
    """

    one: float
    half: float
    three_eighths: float
    five_sixteenths: float


@inline
def cross(ax, ay, az, bx, by, bz):
    """``a x b``."""
    return ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx


@inline
def rotation(x, y, z, drive, nx, ny, nz, fields, torques, transport, alpha):
    """``Omega`` in units of 1/gamma', so that dm/dt = m x Omega; n is the thermal field.

    With B = H_local + H_thermal + b_J p, and m x (m x p) = m (m.p) - p whose part along m does nothing in m x Omega:
    ``Omega = -[B - alpha a_J p + m x (alpha B + a_J p)]``: one cross product.
    """
    cosine = x * torques.px + y * torques.py + z * torques.pz
    J = current_density(drive, cosine, transport)
    a, b = slonczewski_amplitudes(cosine, J, torques)
    bx, by, bz = local_field(x, y, z, fields)
    bx, by, bz = bx + nx, by + ny, bz + nz
    along, across = b - alpha * a, alpha * b + a
    ox, oy, oz = cross(
        x, y, z, alpha * bx + across * torques.px, alpha * by + across * torques.py, alpha * bz + across * torques.pz
    )
    return -(bx + along * torques.px + ox), -(by + along * torques.py + oy), -(bz + along * torques.pz + oz)


@inline
def heun_step(x, y, z, drives, noise, fields, torques, transport, alpha, numbers):
    """Stochastic Heun: average of the slopes at both ends, then back to the sphere."""
    nx, ny, nz = noise
    ox, oy, oz = rotation(x, y, z, drives[0], nx, ny, nz, fields, torques, transport, alpha)
    kx, ky, kz = cross(x, y, z, ox, oy, oz)
    px, py, pz = x + kx, y + ky, z + kz
    ox, oy, oz = rotation(px, py, pz, drives[2], nx, ny, nz, fields, torques, transport, alpha)
    qx, qy, qz = cross(px, py, pz, ox, oy, oz)
    x, y, z = x + numbers.half * (kx + qx), y + numbers.half * (ky + qy), z + numbers.half * (kz + qz)
    # (1 + excess)^(-1/2) by its series: |m|^2 leaves 1 by about angle^4/4, so the rest is below rounding
    excess = x * x + y * y + z * z - numbers.one
    scale = numbers.one - excess * (numbers.half - excess * (numbers.three_eighths - excess * numbers.five_sixteenths))
    return x * scale, y * scale, z * scale


@inline
def cayley(x, y, z, ox, oy, oz, numbers):
    """Solve ``m' - m = (m + m')/2 x Omega``: a rotation, |m'| = |m| to rounding."""
    ax, ay, az = numbers.half * ox, numbers.half * oy, numbers.half * oz
    vx, vy, vz = cross(x, y, z, ax, ay, az)
    wx, wy, wz = cross(vx, vy, vz, ax, ay, az)
    scale = (numbers.one + numbers.one) / (numbers.one + ax * ax + ay * ay + az * az)
    return x + scale * (vx + wx), y + scale * (vy + wy), z + scale * (vz + wz)


@inline
def semi_implicit_step(x, y, z, drives, noise, fields, torques, transport, alpha, numbers):
    """Semi-implicit midpoint (SIB): rotate by Omega(m), then by Omega at the midpoint."""
    nx, ny, nz = noise
    ox, oy, oz = rotation(x, y, z, drives[0], nx, ny, nz, fields, torques, transport, alpha)
    px, py, pz = cayley(x, y, z, ox, oy, oz, numbers)
    mx, my, mz = numbers.half * (x + px), numbers.half * (y + py), numbers.half * (z + pz)
    ox, oy, oz = rotation(mx, my, mz, drives[1], nx, ny, nz, fields, torques, transport, alpha)
    return cayley(x, y, z, ox, oy, oz, numbers)
