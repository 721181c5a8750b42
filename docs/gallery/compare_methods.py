"""Four methods on the same folds, and whether the best one is better than the next.

`compare_learners` trains each method on the same folds, judges every event by the model that has not seen it,
and compares all pairs, the correlation of their answers taken into account.
"""

import jax

from ansatz.data import folds
from ansatz.problems import Xnor
from ansatz.training import mlp
from ansatz.training.classical import CLASSICAL
from ansatz.validation import compare_learners

draw_key, fold_key, compare_key = jax.random.split(jax.random.key(3), 3)
data = Xnor(noise=0.2).draw(draw_key, 400)
learners = {
    "cut": CLASSICAL["threshold"](),
    "line": CLASSICAL["logistic"](),
    "tree": CLASSICAL["tree"](depth=4),
    "network": mlp(width=20, depth=1, learning_rate=0.02, batch_size=64, epochs=60),
}
found = compare_learners(learners, data, folds(data, 3, key=fold_key), metric="auc", key=compare_key)

for pair in found.comparisons:
    print(f"{pair.a} - {pair.b}: {pair.difference}, p = {pair.p_adjusted:.2g}")
print("best:", found.winner)
