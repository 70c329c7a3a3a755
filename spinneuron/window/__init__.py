"""Design windows: which width x length x thickness of a pillar work as a signed leaky integrate-and-fire neuron.

``spec`` says what is swept and judged by what, ``survey`` runs it chunk by chunk, ``store`` keeps finished chunks,
``regimes`` judges a run (and holds the closed-form rule), ``boundaries`` fits straight lines to the edges of the
window.
"""
