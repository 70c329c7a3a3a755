"""How a state moves: arrays and flat NamedTuples only."""
