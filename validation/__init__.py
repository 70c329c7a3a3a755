"""Physics that is held against something: one file per physical question, `python -m validation` runs them.

Each file has QUESTION, REFERENCE (equation and source), TOLERANCE (with its reason) and ``validate(quick)``, which
returns a `report.Outcome`: checks and a figure. A new question is one file and one entry in VALIDATIONS.
``report`` prints and keeps, ``drawing`` makes figures, ``samples`` has the devices, ``axial`` an exact solution that
knows nothing of the engine.
"""

VALIDATIONS = {
    "precession": "validation.precession",
    "deterministic_switching": "validation.deterministic_switching",
    "critical_current": "validation.critical_current",
    "boltzmann": "validation.boltzmann",
    "distributions": "validation.distributions",
    "escape": "validation.escape",
    "rates": "validation.rates",
    "switching": "validation.switching",
    "fokker_planck": "validation.fokker_planck",
    "sphere": "validation.sphere",
    "window_boundary": "validation.window_boundary",
    "signed_lif": "validation.signed_lif",
    "plasticity_neuron": "validation.plasticity_neuron",
    "plasticity_device": "validation.plasticity_device",
    "fmr": "validation.fmr",
    "lattice_energies": "validation.lattice_energies",
    "lattice_motion": "validation.lattice_motion",
    "lattice_thermal": "validation.lattice_thermal",
    "standard_problem_1": "validation.standard_problem_1",
    "standard_problem_2": "validation.standard_problem_2",
    "standard_problem_3": "validation.standard_problem_3",
    "standard_problem_4": "validation.standard_problem_4",
    "standard_problem_5": "validation.standard_problem_5",
    "lattice_heat": "validation.lattice_heat",
    "slonczewski": "validation.slonczewski",
    "dzyaloshinskii": "validation.dzyaloshinskii",
    "dzyaloshinskii_3d": "validation.dzyaloshinskii_3d",
}
"""Name on the command line -> module, which is imported when it is asked for."""
