"""What negative event weights are for, and what happens if they are ignored.

A fifth of the events has weight -1, most of them at hard recoil, where the generator puts too many events of
either sign. The weights take them out again. A classifier that is trained without the weights learns a wrong
probability of signal.
"""

import jax
import numpy as np

from ansatz.problems import Resonance
from ansatz.training.classical import CLASSICAL

draw_key, fit_key, plain_key = jax.random.split(jax.random.key(2), 3)
events = Resonance(negative=0.2).draw(draw_key, 100_000)
recoil = events.replace(x=events.column("pt_ll")[:, None], columns=("pt_ll",))

learner = CLASSICAL["logistic"](degree=4)
weighted = learner(recoil, fit_key)
ignored = learner(recoil.replace(weight=np.ones(len(recoil))), plain_key)

for low, high in [(0, 15), (30, 50), (80, 120)]:
    inside = (recoil.x[:, 0] > low) & (recoil.x[:, 0] < high)
    part = recoil[inside]
    truth = part.weight @ part.y / part.weight.sum()
    fits = [part.weight @ fit.probability(part.x)[:, 1] / part.weight.sum() for fit in (weighted, ignored)]
    print(f"recoil {low:3d}-{high:3d} GeV: signal {truth:.3f}, with weights {fits[0]:.3f}, without {fits[1]:.3f}")
