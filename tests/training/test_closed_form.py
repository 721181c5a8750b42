"""Least squares against the published answers of the course and the textbook formulae."""

import csv

import jax
import numpy as np
import pytest

import zoo
from ansatz.data import Dataset
from ansatz.errors import InputError
from ansatz.training import ClosedForm


def test_forty_seven_houses(shared):
    table = np.loadtxt(shared / "hep" / "portland_houses_47.csv", delimiter=",", skiprows=1)
    fit = ClosedForm()(Dataset(table[:, :2], y=table[:, 2], columns=("size", "bedrooms")), zoo.key())
    assert round(fit.predict(np.array([[1650.0, 3.0]]))[0], 2) == 293081.46
    assert fit.details["intercept"] == pytest.approx(89597.91, abs=0.005)
    np.testing.assert_allclose(fit.details["coefficients"], [139.2107, -8738.02], rtol=1e-6)


def test_three_hundred_and_seventy_three_salaries(shared):
    with open(shared / "hep" / "salary_375.csv", encoding="utf-8-sig") as stream:
        rows = [r for r in csv.DictReader(stream) if r["Salary"] and r["Years of Experience"]]
    years = np.array([[float(r["Years of Experience"])] for r in rows])
    fit = ClosedForm()(Dataset(years, y=np.array([float(r["Salary"]) for r in rows])), zoo.key())
    assert len(rows) == 373
    assert fit.details["coefficients"][0] == pytest.approx(6844.51, abs=0.005)
    assert fit.details["intercept"] == pytest.approx(31921.2, abs=0.05)


def test_standard_errors_are_those_of_the_textbook():
    data = zoo.numbers().replace(weight=np.ones(96))
    fit = ClosedForm()(data, zoo.key())
    design = np.column_stack([np.ones(96), data.x])
    residual = data.y - fit.predict(data.x)
    covariance = residual @ residual / (96 - 4) * np.linalg.inv(design.T @ design)
    np.testing.assert_allclose(
        [fit.details["intercept_error"], *fit.details["coefficient_errors"]], np.sqrt(np.diag(covariance)), rtol=1e-8
    )


def test_ridge_is_its_closed_form():
    data = zoo.numbers()
    fit = ClosedForm(strength=0.3)(data, zoo.key())
    w = data.weight / data.weight.sum()
    mean = w @ data.x
    z = (data.x - mean) / np.sqrt(w @ (data.x - mean) ** 2)
    center = w @ data.y
    theta = np.linalg.solve(z.T @ (w[:, None] * z) + 0.3 * np.eye(3), z.T @ (w * (data.y - center)))
    np.testing.assert_allclose(fit.predict(data.x), center + z @ theta, rtol=1e-10)


def test_a_polynomial_is_found_again():
    x = np.linspace(-2, 3, 40)[:, None]
    fit = ClosedForm(degree=3)(Dataset(x, y=1 - 2 * x[:, 0] + 0.5 * x[:, 0] ** 3), zoo.key())
    np.testing.assert_allclose(fit.predict(np.array([[0.7]])), 1 - 1.4 + 0.5 * 0.343, rtol=1e-9)


def test_several_targets_are_several_fits():
    data = zoo.numbers()
    both = ClosedForm()(data.replace(y=np.column_stack([data.y, -3 * data.y]), target=("a", "b")), zoo.key())
    one = ClosedForm()(data, zoo.key())
    np.testing.assert_allclose(both.predict(data.x), np.outer(one.predict(data.x), [1, -3]), rtol=1e-9)


def test_negative_weights_are_refused():
    data = zoo.numbers()
    with pytest.raises(InputError, match="negative event weights"):
        ClosedForm()(data.replace(weight=data.weight - 1), zoo.key())


def test_the_key_changes_nothing():
    data = zoo.numbers()
    first, second = (ClosedForm()(data, jax.random.key(k)) for k in (0, 1))
    np.testing.assert_array_equal(first.predict(data.x), second.predict(data.x))
