"""Likelihoods of histograms as HistFactory workspaces: written, read back, and asked for limits through pyhf."""

from __future__ import annotations

import dataclasses
import json
import tarfile
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from scipy.optimize import brentq
from scipy.special import xlogy
from scipy.stats import chi2

from ansatz.errors import InputError, required
from ansatz.files import plain, write_json
from ansatz.inference.significance import sigmas

Spec = dict[str, Any]

LARGEST = 1000.0
"""Signal strengths above this are not searched for a limit."""


@dataclasses.dataclass(frozen=True)
class Systematic:
    """A correlated uncertainty of a template; those of one name move together in all channels.

    Attributes:
        name: of the nuisance parameter.
        low: the template at one standard deviation down: a factor for `"norm"`, counts in bins for `"shape"`.
        high: the same for one standard deviation up.
        kind: `"norm"` or `"shape"`.
    """

    name: str
    low: float | Sequence[float]
    high: float | Sequence[float]
    kind: Literal["norm", "shape"] = "norm"


@dataclasses.dataclass(frozen=True)
class Template:
    """What one process is expected to add to the bins of a channel.

    Attributes:
        name: of the process.
        counts: expected events in each bin.
        error: their standard deviations from the number of simulated events; None if they are negligible.
        systematics: correlated uncertainties.
        signal: whether the signal strength multiplies it.
    """

    name: str
    counts: Sequence[float]
    error: Sequence[float] | None = None
    systematics: tuple[Systematic, ...] = ()
    signal: bool = False


@dataclasses.dataclass(frozen=True)
class Channel:
    """One histogram: what was observed, and the processes that explain it."""

    name: str
    observed: Sequence[float]
    templates: tuple[Template, ...]


@dataclasses.dataclass(frozen=True)
class Limits:
    """What a workspace says of a signal strength.

    Attributes:
        strength: the strength that is tested.
        cls: observed CLs; below .05 the strength is excluded at 95 %.
        expected: CLs expected without signal at -2, -1, 0, 1, 2 standard deviations.
        best: the strength that describes the data best.
        significance: of a signal, over background only.
        upper: the strength above which is excluded at 95 %, or None if it was not asked for.
    """

    strength: float
    cls: float
    expected: tuple[float, ...]
    best: float
    significance: float
    upper: float | None = None


def workspace(channels: Sequence[Channel], *, strength: str = "mu", lumi_error: float | None = None) -> Spec:
    r"""The likelihood of some channels as a HistFactory workspace.

    \( \prod_{c, i} \mathrm{Poisson}(n_{ci} \mid \mu s_{ci}(\theta) + \sum_k b_{kci}(\theta)) \prod_\theta p(\theta) \).

    Args:
        channels: histograms with their templates.
        strength: name of the signal strength.
        lumi_error: relative error of the luminosity, which multiplies all templates as one normalization.

    Raises:
        InputError: if numbers of bins differ, a count is negative, or no template is a signal.

    Example:
        >>> signal = Template("signal", [5.0, 10.0], signal=True)
        >>> background = Template("background", [50.0, 60.0], error=[5.0, 12.0])
        >>> spec = workspace([Channel("region", [55, 65], (signal, background))])
        >>> spec["measurements"][0]["config"]["poi"], len(spec["channels"][0]["samples"])
        ('mu', 2)

    Source: K. Cranmer et al., CERN-OPEN-2012-016; L. Heinrich et al., J. Open Source Softw. 6 (2021) 2823.
    """
    if not any(t.signal for c in channels for t in c.templates):
        raise InputError("no template is a signal; set signal=True for those that the strength multiplies")
    for channel in channels:
        _check(channel)
    spec = {
        "channels": [
            {"name": c.name, "samples": [_sample(c, t, strength, lumi_error) for t in c.templates]} for c in channels
        ],
        "observations": [{"name": c.name, "data": _numbers(c.observed)} for c in channels],
        "measurements": [{"name": "measurement", "config": {"poi": strength, "parameters": []}}],
        "version": "1.0.0",
    }
    _model(spec)
    return spec


def write_workspace(channels: Sequence[Channel], path: Path | str, *, strength: str = "mu") -> Spec:
    """Writes a workspace as JSON, whole or not at all, once pyhf has accepted it.

    Raises:
        InputError: as `workspace`, or if the file cannot be written.
    """
    spec = workspace(channels, strength=strength)
    write_json(Path(path), spec)
    return spec


def read_workspace(path: Path | str, *, member: str | None = None, patch: str | None = None) -> Spec:
    """A workspace from a JSON file, or from an archive as HEPData keeps them.

    Args:
        path: a `.json` file, or a `.tar.gz` that holds several.
        member: which file of the archive.
        patch: a JSON patch to apply: a file beside it, or a member of the archive.

    Raises:
        InputError: if a file is missing, is no JSON, or the result is no workspace (with the place).
    """
    spec = _json(Path(path), member)
    if patch is not None:
        import jsonpatch

        change = _json(Path(path), patch) if member is not None else _json(Path(patch), None)
        try:
            spec = jsonpatch.apply_patch(spec, change)
        except (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException) as error:
            raise InputError(f"the patch {patch} does not fit {member or path}: {error}") from None
    _model(spec)
    return spec


def limits(spec: Mapping[str, Any], *, strength: float = 1.0, upper: bool = False) -> Limits:
    r"""CLs of a signal strength, the best strength, and the significance of a signal, all from asymptotic formulae.

    Args:
        spec: a workspace.
        strength: the strength that is tested.
        upper: whether to search the strength that is excluded at 95 %, which takes some ten times longer.

    Raises:
        InputError: if the workspace is none, or a fit fails.

    Example:
        >>> signal = Template("signal", [5.0, 10.0], signal=True)
        >>> background = Template("background", [50.0, 60.0], error=[5.0, 12.0])
        >>> found = limits(workspace([Channel("region", [55, 65], (signal, background))]))
        >>> 0 < found.cls < 1, found.expected == tuple(sorted(found.expected))
        (True, True)

    Source: A. L. Read, J. Phys. G 28 (2002) 2693; G. Cowan et al., arXiv:1007.1727.
    """
    pyhf = required("pyhf", extra="hep")
    model, data = _model(spec)
    try:
        observed, expected = _cls(strength, data, model)
        best = pyhf.infer.mle.fit(data, model)[model.config.poi_index]
        p_zero = pyhf.infer.hypotest(0.0, data, model, test_stat="q0")
        bound = _upper(data, model) if upper else None
    except pyhf.exceptions.FailedMinimization as error:
        raise InputError(f"a fit of the workspace failed: {str(error).splitlines()[0]}") from None
    significance = max(sigmas(float(p_zero)), 0.0)
    return Limits(strength, observed, expected, float(best), significance, bound)


def goodness(spec: Mapping[str, Any]) -> tuple[float, int, float]:
    r"""How well the model that fits best describes the data.

    The statistic is \( 2 \sum_i (e_i - n_i + n_i \ln n_i / e_i) \) over all bins. The degrees of freedom
    are the bins less the strength; nuisance parameters are held by constraints of their own.

    Args:
        spec: a workspace.

    Returns:
        The statistic, its degrees of freedom, and the probability of one as large.

    Raises:
        InputError: if the workspace is none, or a fit fails.

    Example:
        >>> signal = Template("signal", [5.0, 10.0], signal=True)
        >>> background = Template("background", [50.0, 60.0], error=[5.0, 12.0])
        >>> goodness(workspace([Channel("region", [55, 70], (signal, background))]))[1]
        1
    """
    pyhf = required("pyhf", extra="hep")
    model, data = _model(spec)
    try:
        best = pyhf.infer.mle.fit(data, model)
    except pyhf.exceptions.FailedMinimization as error:
        raise InputError(f"a fit of the workspace failed: {str(error).splitlines()[0]}") from None
    expected = np.maximum(np.asarray(model.expected_actualdata(best), float), 1e-300)
    n = np.asarray(data[: len(expected)], float)
    value = 2 * float(np.sum(expected - n + xlogy(n, n / expected)))
    return value, len(n) - 1, float(chi2.sf(value, max(len(n) - 1, 1)))


def _cls(strength: float, data: Any, model: Any) -> tuple[float, tuple[float, ...]]:
    import pyhf

    observed, band = pyhf.infer.hypotest(strength, data, model, test_stat="qtilde", return_expected_set=True)
    return float(observed), tuple(float(value) for value in band)


def _upper(data: Any, model: Any) -> float:
    """The strength whose CLs is .05."""

    def excess(strength: float) -> float:
        return _cls(strength, data, model)[0] - 0.05

    high = 1.0
    while excess(high) > 0:
        high *= 2
        if high > LARGEST:
            raise InputError(f"no signal strength below {LARGEST:g} is excluded; scale the signal template up")
    model.config.par_map[model.config.poi_name]["paramset"].suggested_bounds = [(0.0, 2 * high)]
    return float(brentq(excess, 1e-4, high, xtol=1e-3 * high))


def _model(spec: Mapping[str, Any]) -> tuple[Any, Any]:
    """The model and data of a workspace, as pyhf reads it."""
    pyhf = required("pyhf", extra="hep")
    import jsonschema
    from pyhf import exceptions

    settings = {"normsys": {"interpcode": "code4"}, "histosys": {"interpcode": "code4p"}}
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="jsonschema.RefResolver", category=DeprecationWarning)
            found = pyhf.Workspace(dict(spec))
            model = found.model(modifier_settings=settings)
            return model, found.data(model)
    except (exceptions.InvalidSpecification, jsonschema.ValidationError) as error:
        raise InputError(f"this is no workspace: {str(error).splitlines()[0]}") from None
    except (exceptions.InvalidModel, exceptions.InvalidMeasurement, KeyError, ValueError) as error:
        raise InputError(f"this workspace has no model: {error}") from None


def _json(path: Path, member: str | None) -> Any:
    if not path.is_file():
        raise InputError(f"there is no file {path}")
    try:
        if member is None:
            return json.loads(path.read_text(encoding="utf-8"))
        with tarfile.open(path) as archive:
            file = archive.extractfile(member)
            return json.loads(file.read())
    except KeyError:
        raise InputError(f"{path} holds no '{member}'") from None
    except (ValueError, tarfile.TarError, AttributeError) as error:
        raise InputError(f"{member or path} cannot be read as JSON: {error}") from None


def _check(channel: Channel) -> None:
    bins = len(channel.observed)
    for template in channel.templates:
        place = f"channel '{channel.name}', template '{template.name}'"
        _count(place, "counts", template.counts, bins)
        if template.error is not None:
            _count(place, "errors", template.error, bins)
        for systematic in template.systematics:
            if systematic.kind == "shape":
                _count(place, f"counts of '{systematic.name}' down", systematic.low, bins)
                _count(place, f"counts of '{systematic.name}' up", systematic.high, bins)


def _count(place: str, what: str, values: Any, bins: int) -> None:
    found = np.asarray(values, float)
    if found.shape != (bins,):
        raise InputError(f"{place}: {what} of shape {found.shape} for {bins} observed bins")
    if not np.all(np.isfinite(found)) or np.any(found < 0):
        raise InputError(
            f"{place}: {what} must be finite and not negative; bin {int(np.argmin(found))} is {found.min():g}"
        )


def _sample(channel: Channel, template: Template, strength: str, lumi_error: float | None) -> Spec:
    modifiers: list[Spec] = []
    if template.signal:
        modifiers.append({"name": strength, "type": "normfactor", "data": None})
    if lumi_error is not None:
        data = {"lo": 1 - lumi_error, "hi": 1 + lumi_error}
        modifiers.append({"name": "luminosity", "type": "normsys", "data": data})
    if template.error is not None:
        name = f"staterror_{channel.name}"
        modifiers.append({"name": name, "type": "staterror", "data": _numbers(template.error)})
    return {
        "name": template.name,
        "data": _numbers(template.counts),
        "modifiers": [*modifiers, *map(_modifier, template.systematics)],
    }


def _modifier(systematic: Systematic) -> Spec:
    if systematic.kind == "norm":
        data = {"lo": float(systematic.low), "hi": float(systematic.high)}
        return {"name": systematic.name, "type": "normsys", "data": data}
    data = {"lo_data": _numbers(systematic.low), "hi_data": _numbers(systematic.high)}
    return {"name": systematic.name, "type": "histosys", "data": data}


def _numbers(values: Any) -> list[float]:
    return [float(value) for value in plain(np.asarray(values, float))]
