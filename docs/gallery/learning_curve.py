"""What would more data bring?

A learning curve trains on samples of growing size and judges each on the training and on the same fresh events.
Where the two meet, more data of the same kind bring nothing.
"""

import jax

from ansatz.problems import Gaussians
from ansatz.training.classical import CLASSICAL
from ansatz.validation import learning_curve

train_key, test_key, curve_key = jax.random.split(jax.random.key(7), 3)
problem = Gaussians(separation=1.5, dimensions=10)
train, test = problem.draw(train_key, 2000), problem.draw(test_key, 5000)

curve = learning_curve(CLASSICAL["lda"](), train, test, metric="auc", sizes=(50, 200, 1000), repeats=3, key=curve_key)
for size, seen, fresh in zip(curve.sizes, curve.train, curve.test, strict=True):
    print(f"{size:5d} events   on these {seen}   on fresh ones {fresh}")
print("best possible", round(problem.optimal_auc(), 4))
