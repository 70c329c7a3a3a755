"""How a lattice of moments moves: transforms of ensembles of lattices, in vectors of replicas."""
