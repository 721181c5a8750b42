"""Words of bits: 32 replicas of a lattice in one integer, with random numbers made on the spot.

Bit r of a word belongs to replica r. A logical operation on words works on 32 replicas at once, and the compiler
puts eight or sixteen words in one register.

Random words come from lanes of xoshiro128+ (D. Blackman and S. Vigna, arXiv:1805.01407). A lane lives for one update of
one word: its 128 bits of state are hashed from its place and from four words of a `jax.random` key, so no state is
stored and the whole update is one loop over memory.
"""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

BITS = 32
DIGITS = 24
"""Binary digits of a probability."""

Lanes = tuple[Array, Array, Array, Array]
"""The state of one random generator for each element."""


def _hash(word: Array) -> Array:
    """A bijection of 32-bit words in which every bit depends on every bit (multiply and shift, three rounds)."""
    for shift, factor in ((16, 0x21F0AAAD), (15, 0xD35A2D97)):
        word = (word ^ (word >> jnp.uint32(shift))) * jnp.uint32(factor)
    return word ^ (word >> jnp.uint32(15))


def lanes(seed: Array, shape: tuple[int, ...]) -> Lanes:
    """A generator for each element of an array of this shape, decided by four random words."""
    count = 1
    for side in shape:
        count *= side
    place = jnp.arange(count, dtype=jnp.uint32).reshape(shape)
    first = _hash(place ^ seed[0])
    second = _hash(place * jnp.uint32(0x9E3779B1) + seed[1])
    third = _hash(first + seed[2])
    fourth = _hash(second ^ seed[3])
    return first, second, third, fourth | jnp.uint32(1)


def draw_word(state: Lanes) -> tuple[Lanes, Array]:
    """The next state and 32 random bits for each element."""
    s0, s1, s2, s3 = state
    word = s0 + s3
    shifted = s1 << jnp.uint32(9)
    s2, s3 = s2 ^ s0, s3 ^ s1
    s1, s0 = s1 ^ s2, s0 ^ s3
    s2 = s2 ^ shifted
    s3 = (s3 << jnp.uint32(11)) | (s3 >> jnp.uint32(21))
    return (s0, s1, s2, s3), word


def draw_uniform(state: Lanes) -> tuple[Lanes, Array]:
    """The next state and a number in [0, 1) with 24 bits for each element."""
    state, word = draw_word(state)
    return state, (word >> jnp.uint32(8)).astype(jnp.float32) * jnp.float32(2.0**-24)


def digits(probability: Array) -> Array:
    """Binary digits of one probability for each replica, least significant first, as words.

    Shape (..., replicas) to (..., digits, words). A probability is right to 2^-25, and one is taken as 1 - 2^-24.
    """
    whole = jnp.clip(jnp.round(probability * 2.0**DIGITS), 0, 2**DIGITS - 1).astype(jnp.uint32)
    return pack_bits(jnp.stack([(whole >> jnp.uint32(place)) & jnp.uint32(1) for place in range(DIGITS)], axis=-2))


def pack_bits(bits: Array) -> Array:
    """Zeros and ones along the last axis to words: (..., replicas) to (..., replicas / 32)."""
    grouped = bits.astype(jnp.uint32).reshape(*bits.shape[:-1], -1, BITS)
    places = jnp.broadcast_to(jnp.arange(BITS, dtype=jnp.uint32), grouped.shape)
    return jnp.sum(grouped << places, axis=-1, dtype=jnp.uint32)


def unpack_bits(words: Array) -> Array:
    """The inverse of `pack_bits`."""
    spread = jnp.broadcast_to(words[..., None], (*words.shape, BITS))
    places = jnp.broadcast_to(jnp.arange(BITS, dtype=jnp.uint32), spread.shape)
    return ((spread >> places) & jnp.uint32(1)).reshape(*words.shape[:-1], -1)


def pack_spins(states: Array) -> Array:
    """Spins of either sign to words: (replicas, *shape) to (words, *shape); the last word is filled up."""
    padded = jnp.pad(states, [(0, -len(states) % BITS)] + [(0, 0)] * (states.ndim - 1), mode="edge")
    return jnp.moveaxis(pack_bits(jnp.moveaxis(padded > 0, 0, -1)), -1, 0)


def unpack_spins(words: Array) -> Array:
    """Words (words, *shape) to spins of plus and minus one, (32 words, *shape)."""
    bits = jnp.moveaxis(unpack_bits(jnp.moveaxis(words, 0, -1)), -1, 0)
    return jnp.where(bits > 0, 1, -1).astype(jnp.int8)


def chances(state: Lanes, tables: Array) -> tuple[Lanes, list[Array]]:
    """For each table of digits, words whose bits are one with its probability; all compare the same uniform number.

    Tables have shape (tables, digits, ...) with the trailing axes of the lanes.
    """
    below = [jnp.zeros_like(state[0])] * len(tables)
    for place in range(DIGITS):
        state, word = draw_word(state)
        zero = ~word
        below = [
            (zero & digit) | (less & (zero | digit))
            for less, digit in (
                (less, jnp.broadcast_to(table[place], word.shape)) for less, table in zip(below, tables, strict=True)
            )
        ]
    return state, below


def _less(less: Array, zero: Array, digit: Array) -> Array:
    """One more digit of a comparison: smaller if zero meets one; as before if the digits are equal."""
    digit = jnp.broadcast_to(digit, zero.shape)
    return (zero & digit) | (less & (zero | digit))


def exactly(bits: list[Array]) -> list[Array]:
    """For n = 0..len(bits), words that tell in which replicas exactly n of the bits are one."""
    counts = [~bits[0], bits[0]]
    for bit in bits[1:]:
        kept = [count & ~bit for count in counts] + [jnp.zeros_like(bit)]
        raised = [jnp.zeros_like(bit)] + [count & bit for count in counts]
        counts = [a | b for a, b in zip(kept, raised, strict=True)]
    return counts


def count_ones(words: Array) -> Array:
    """How many words along the first axis have each bit set: (n, words) to (words, 32).

    Counts are held in fields of 4 bits over 15 words, then of 8 bits over 17 of those, then added.
    """
    nibbles = [_block_sums(words, bit, 0x11111111, 15) for bit in range(4)]
    octets = [_block_sums(nibbles[bit % 4], bit - bit % 4, 0x0F0F0F0F, 17) for bit in range(8)]
    fields = [(octets[bit % 8] >> jnp.uint32(bit - bit % 8)) & jnp.uint32(255) for bit in range(BITS)]
    return jnp.stack([jnp.sum(field, axis=0, dtype=jnp.uint32) for field in fields], axis=-1).astype(jnp.int32)


def _block_sums(words: Array, shift: int, mask: int, size: int) -> Array:
    """Sums over blocks along the first axis of the fields that a mask keeps."""
    blocks = -(-len(words) // size)
    padded = jnp.pad(words, ((0, blocks * size - len(words)), (0, 0))).reshape(size, blocks, -1)
    return jnp.sum((padded >> jnp.uint32(shift)) & jnp.uint32(mask), axis=0, dtype=jnp.uint32)
