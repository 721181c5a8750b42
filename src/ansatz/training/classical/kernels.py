"""Kernel methods: support vectors, kernel ridge, Gaussian process.

Their cost grows with the square or the cube of the number of rows, so each has a limit (`rows`) beyond which it is
trained on events drawn at random from the sample.
"""

from __future__ import annotations

from typing import Any, Literal

from ansatz.training.classical.adapter import REGRESSION, Job, SklearnLearner
from ansatz.training.classical.course import iterated
from ansatz.training.classical.options import at_least, choice, within
from ansatz.training.classical.reading import Reading, estimators_of, support


def svm(
    *,
    kernel: Literal["rbf", "linear", "polynomial"] = "rbf",
    strength: float = 1e-4,
    length: float | None = None,
    degree: int = 3,
    tube: float = 0.1,
    rows: int = 10_000,
) -> SklearnLearner:
    r"""Support-vector machine: mean hinge loss + strength $\|f\|^2 / 2$ in the space of the kernel; only ranks.

    A regression has the loss $\max(0, |f - y| - \mathrm{tube})$. Scikit-learn's `C` is 1 / strength, for weights of sum
    one.

    Args:
        kernel: "rbf" $\exp(-|x - x'|^2 / 2\ell^2)$, "linear" or "polynomial" $(1 + x \cdot x' / 2\ell^2)^d$, in
            standardized columns.
        strength: how much the penalty counts.
        length: the kernel's $\ell$; by default the square root of half the number of columns.
        degree: of the polynomial kernel.
        tube: half width of the region without loss around a regression, in standard deviations of the target.
        rows: most events it is trained on.

    Source: C. Cortes and V. Vapnik, Machine Learning 20 (1995) 273.
    """
    choice("kernel", kernel, ["rbf", "linear", "polynomial"])
    within(1e-12, float("inf"), {"strength": strength, "length": length})
    at_least(0, {"tube": tube})
    at_least(1, {"degree": degree})
    at_least(2, {"rows": rows})

    def make(job: Job) -> Any:
        from sklearn.svm import SVC, SVR

        form = {"kernel": "poly" if kernel == "polynomial" else kernel, "degree": degree, "coef0": 1.0}
        size = {"gamma": _gamma(length, job), "C": 1 / strength, "cache_size": 500, "tol": 1e-4}
        return SVC(**form, **size) if job.task == "classification" else SVR(**form, **size, epsilon=tube)

    return SklearnLearner(
        make, "svm", link="score", scale=True, scale_target=True, rows=rows, read=support, course=iterated
    )


def kernel_ridge(*, strength: float = 1e-4, length: float | None = None, rows: int = 4000) -> SklearnLearner:
    r"""Kernel ridge regression: mean squared error + strength $\|f\|^2$ in the space of the Gaussian kernel.

    Args:
        strength: how much the penalty counts; scikit-learn's `alpha`, for weights of sum one.
        length: of the kernel $\exp(-|x - x'|^2 / 2\ell^2)$ in standardized columns; by default the square root of half
            the number of columns.
        rows: most events it is trained on.

    Source: C. Saunders, A. Gammerman and V. Vovk, ICML (1998) 515.
    """
    within(1e-12, float("inf"), {"strength": strength, "length": length})
    at_least(2, {"rows": rows})

    def make(job: Job) -> Any:
        from sklearn.kernel_ridge import KernelRidge

        return KernelRidge(alpha=strength, kernel="rbf", gamma=_gamma(length, job))

    return SklearnLearner(
        make, "kernel-ridge", tasks=REGRESSION, scale=True, scale_target=True, several=True, rows=rows
    )


def gaussian_process(*, rows: int = 1000) -> SklearnLearner:
    r"""Gaussian process regression: a Gaussian kernel with one length for each column, and white noise.

    Amplitude, lengths and noise are those of the largest likelihood. It takes no event weights.

    Args:
        rows: most events it is trained on.

    Source: C. E. Rasmussen and C. K. I. Williams, Gaussian Processes for Machine Learning (2006).
    """
    at_least(2, {"rows": rows})

    def make(job: Job) -> Any:
        from sklearn.gaussian_process import GaussianProcessRegressor
        from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel

        smooth = ConstantKernel(1.0, (1e-3, 1e3)) * RBF([1.0] * len(job.names), (1e-2, 1e3))
        return GaussianProcessRegressor(smooth + WhiteKernel(0.1, (1e-8, 10.0)), random_state=job.seed)

    return SklearnLearner(
        make,
        "gaussian-process",
        tasks=REGRESSION,
        weights=False,
        scale=True,
        scale_target=True,
        rows=rows,
        read=_hyperparameters,
        course=iterated,
    )


def _gamma(length: float | None, job: Job) -> float:
    return 1 / len(job.names) if length is None else 1 / (2 * length**2)


def _hyperparameters(reading: Reading) -> dict[str, Any]:
    """The fitted kernels: lengths in units of the columns, noise and amplitude in units of the targets."""
    kernels = [part.kernel_ for part in estimators_of(reading.method)]
    return {
        "terms": list(reading.names),
        "outputs": list(reading.outputs),
        "length": [(k.k1.k2.length_scale * reading.spread).tolist() for k in kernels],
        "amplitude": [float(k.k1.k1.constant_value**0.5 * s) for k, s in zip(kernels, reading.scale, strict=True)],
        "noise": [float(k.k2.noise_level**0.5 * s) for k, s in zip(kernels, reading.scale, strict=True)],
    }
