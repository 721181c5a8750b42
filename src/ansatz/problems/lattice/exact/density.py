r"""How many states have each energy: exact integers for the square Ising lattice, and what follows from them.

Kaufman's partition function is a polynomial in \( y = e^{-4K} \) whose coefficients are the numbers of states (P. D.
Beale, Phys. Rev. Lett. 76 (1996) 78). It is evaluated at roots of unity modulo primes, where cosines are integers too,
transformed back, and the coefficients are put together by the Chinese remainder theorem.
"""

from __future__ import annotations

import functools
import math

import numpy as np

from ansatz.errors import InputError
from ansatz.problems.lattice.exact.infinite import positive


@functools.lru_cache(maxsize=8)
def density_of_states(size: int) -> tuple[int, ...]:
    """Number of states with energy -2 N + 4 j, j = 0..N, on a periodic square of N = size^2 sites.

    Raises:
        InputError: if the size is odd or smaller than four.

    Example:
        >>> density_of_states(4)[:5]
        (2, 0, 32, 64, 424)
    """
    if size < 4 or size % 2:
        raise InputError(f"the density of states is for even sizes from four, not {size}")
    sites = size**2
    order = math.lcm(4 * size, 1 << (sites.bit_length() + 1))
    found, modulus = [0] * (sites + 1), 1
    candidate = (2**31 // order) * order + 1
    while modulus < 2 ** (sites + 1):
        if candidate < 2**31 and _is_prime(candidate):
            residues = _coefficients(size, candidate)
            inverse = pow(modulus, -1, candidate)
            pairs = zip(found, residues, strict=True)
            found = [old + modulus * ((new - old) * inverse % candidate) for old, new in pairs]
            modulus *= candidate
        candidate -= order
    return tuple(found)


def energy_levels(size: int) -> np.ndarray:
    """The energies per site that `density_of_states` counts."""
    return -2 + 4 * np.arange(size**2 + 1) / size**2


def energy_distribution(temperature: float, size: int) -> np.ndarray:
    """Exact probability of each of `energy_levels` at one temperature (J = 1).

    Example:
        >>> round(float(energy_distribution(2.269, 4) @ energy_levels(4)), 5)
        -1.56577
    """
    positive(temperature)
    log_weight = log_density(size) - size**2 * energy_levels(size) / temperature
    weight = np.exp(log_weight - log_weight.max())
    return weight / weight.sum()


def log_density(size: int) -> np.ndarray:
    """Logarithm of the density of states, minus infinity where there is none."""
    return np.array([math.log(g) if g else -np.inf for g in density_of_states(size)])


def _coefficients(size: int, p: int) -> list[int]:
    """The density of states modulo a prime p, from values of x^N Z at x = shift * (roots of unity)."""
    sites, length = size**2, 1 << (size**2).bit_length()
    generator = _generator(p)
    root = pow(generator, (p - 1) // (2 * length), p)
    shift = generator
    x = _powers(root, length, p) * shift % p
    values = _partition(x, size, p)
    coefficients = _transform(values, pow(root, -2, p), p)
    scale = _powers(pow(shift, -2, p), length, p) * pow(length, -1, p) % p
    return [int(c) for c in (coefficients * scale % p)[: sites + 1]]


def _partition(x: np.ndarray, size: int, p: int) -> np.ndarray:
    """x^N Z modulo p at each x = exp(-2K).

    With S = cosh 2K coth 2K and q_l = 2 S - 2 cos(pi l / L), 4 cosh^2 and 4 sinh^2 of L gamma_l / 2 are C(q_l) +- 2,
    C the Chebyshev polynomial 2 T_L(q / 2); the angles pair up except for l = 0 and L, whose exponentials are rational.
    """
    inverse = _inverse(x, p)
    sinh2 = (inverse - x) % p
    twice_s = _power((inverse + x) % p, 2, p) * _inverse(sinh2, p) % p
    zeta = pow(_generator(p), (p - 1) // (2 * size), p)
    cosine = [(pow(zeta, number, p) + pow(zeta, -number, p)) % p for number in range(size + 1)]
    chebyshev = [_chebyshev((twice_s - c) % p, size, p) for c in cosine]
    half = size // 2
    tanh = (1 - x) % p * _inverse((1 + x) % p, p) % p
    ends = [_power(tanh * inverse % p, half, p), _power(_inverse(tanh, p) * inverse % p, half, p)]
    total = np.zeros_like(x)
    for sign in (2, p - 2):
        odd, even = np.ones_like(x), np.ones_like(x)
        for number in range(1, size):
            factor = (chebyshev[number] + sign) % p
            odd, even = (odd * factor % p, even) if number % 2 else (odd, even * factor % p)
        for end in ends:
            back = _inverse(end, p)
            even = even * ((end + (back if sign == 2 else p - back)) % p) % p
        total = (total + odd + even) % p
    prefactor = _power(sinh2 * x % p * x % p, size * half, p)
    return total * prefactor % p * pow(2, -1, p) % p


def _chebyshev(q: np.ndarray, number: int, p: int) -> np.ndarray:
    """2 T_n(q / 2) modulo p, by C_2n = C_n^2 - 2 and C_(2n+1) = C_n C_(n+1) - q."""
    now, following = np.full_like(q, 2), q
    for bit in bin(number)[2:]:
        middle = (now * following - q) % p
        now, following = (middle, (following**2 - 2) % p) if bit == "1" else ((now**2 - 2) % p, middle)
    return now


def _transform(values: np.ndarray, root: int, p: int) -> np.ndarray:
    """sum_k values[k] root^(jk) modulo p for all j; the length is a power of two."""
    n = len(values)
    if n == 1:
        return values
    even, odd = (_transform(values[start::2], root * root % p, p) for start in (0, 1))
    odd = odd * _powers(root, n // 2, p) % p
    return np.concatenate([(even + odd) % p, (even - odd) % p])


def _powers(base: int, count: int, p: int) -> np.ndarray:
    """base^0, base^1, ... modulo p."""
    result = np.ones(1, np.int64)
    while len(result) < count:
        result = np.concatenate([result, result * pow(base, len(result), p) % p])
    return result[:count]


def _power(base: np.ndarray, exponent: int, p: int) -> np.ndarray:
    result = np.ones_like(base)
    for bit in bin(exponent)[2:]:
        result = result * result % p
        result = result * base % p if bit == "1" else result
    return result


def _inverse(values: np.ndarray, p: int) -> np.ndarray:
    return _power(values % p, p - 2, p)


@functools.lru_cache(maxsize=256)
def _generator(p: int) -> int:
    """The least primitive root."""
    factors = _prime_factors(p - 1)
    return next(g for g in range(2, p) if all(pow(g, (p - 1) // f, p) != 1 for f in factors))


def _prime_factors(n: int) -> list[int]:
    found, divisor = [], 2
    while divisor * divisor <= n:
        if n % divisor == 0:
            found.append(divisor)
            while n % divisor == 0:
                n //= divisor
        divisor += 1
    return [*found, n] if n > 1 else found


def _is_prime(n: int) -> bool:
    """By division; n is below 2^31."""
    return n > 1 and all(n % d for d in range(2, math.isqrt(n) + 1))
