"""How the moments of a lattice move: arrays and fields in, arrays out."""
