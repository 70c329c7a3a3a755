"""Effective fields over a lattice of cells, one file each."""
