"""How a lattice of moments moves: here the demagnetizing field of ensembles, in vectors of replicas.

`vectors` gives kernels registers full of replicas, `butterflies` and `lanes_fft` transform lines of them, `lanes_dense`
multiplies by a matrix; `lanes_plan.plan` prepares, and the kernel `lanes_demag.demag_lanes` adds the field.
"""
