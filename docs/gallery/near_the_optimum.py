"""How near does a network come to the best possible classifier?

The resonance knows the exact likelihood ratio of what is observed. A cut on the mass alone is far from it, for
the signal is a peak; a small network finds most of what is there.
"""

import jax

from ansatz.problems import Resonance
from ansatz.training import mlp
from ansatz.validation import answers_of, roc_auc, score

train_key, test_key, fit_key, score_key = jax.random.split(jax.random.key(1), 4)
problem = Resonance()
train, test = problem.draw(train_key, 20_000), problem.draw(test_key, 20_000)

fit = mlp(width=32, activation="gelu", epochs=15)(train, fit_key)

print("cut on the mass ", roc_auc(test.y, test.column("m_ll"), test.weight))
print("network         ", score(answers_of(fit, test), "auc", key=score_key))
print("likelihood ratio", roc_auc(test.y, problem.log_likelihood_ratio(test.x), test.weight))
print("in the limit of many events:", round(problem.optimal_auc(), 4))
