"""Probability density of one moment: on the circle of m_z for axial devices, on the sphere for all others.

`axial` reduces a device that is round and has all its directions along z to cells of m_z and rates between them;
`lanes` steps many such densities side by side, `courses` plans their steps.
"""
