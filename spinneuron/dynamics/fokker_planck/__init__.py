"""Probability density of one moment: on the circle of m_z for axial devices, on the sphere for all others.

`axial` reduces a device that is round and has all its directions along z to cells of m_z and rates between them;
`lanes` steps many such densities side by side, `courses` plans their steps. `sphere` reduces any device to sparse
matrices of `harmonics`; `junction` has its heat, `basins` where it starts, `sphere_steps` how it moves, `truncation`
how many harmonics it takes, `sphere_spectrum` its lowest rates, `sampling` its values.
"""
