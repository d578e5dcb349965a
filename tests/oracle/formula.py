"""Numbers that this and tests/oracle.rs compute alike: Philox4x32-10 as in src/rng.rs, a backbone's
weights and a picture made of it. So no weight needs to be kept in the repository."""

import numpy as np

SEED = 2021
MASK = np.uint64(0xFFFFFFFF)


def philox(key, counter):
    """One block for each column of `counter` (4, n) under `key` (2 words)."""
    key = [np.uint64(k) for k in key]
    a, b, c, d = (word.astype(np.uint64) for word in counter)
    for _ in range(10):
        first, second = a * np.uint64(0xD2511F53), c * np.uint64(0xCD9E8D57)
        a, b, c, d = (
            (second >> np.uint64(32)) ^ b ^ key[0],
            second & MASK,
            (first >> np.uint64(32)) ^ d ^ key[1],
            first & MASK,
        )
        key = [(key[0] + np.uint64(0x9E3779B9)) & MASK, (key[1] + np.uint64(0xBB67AE85)) & MASK]
    return np.stack([a, b, c, d])


def words(step, image, count):
    """The first `count` 32-bit numbers of Rng::new(SEED, step, image, 0)."""
    start = np.array([[step], [0], [image], [0]], np.uint64)
    low, high, c, d = philox((SEED, 0), start)[:, 0]
    n = (count + 3) // 4
    blocks = np.arange(n, dtype=np.uint64)
    zeros = np.zeros(n, np.uint64)
    counter = np.stack([blocks, zeros, zeros + c, zeros + d])
    return philox((low, high), counter).T.reshape(-1)[:count]


def uniform(step, image, count):
    """Numbers in [0, 1), multiples of 2^-53."""
    pairs = words(step, image, 2 * count).reshape(-1, 2)
    whole = pairs[:, 0] | pairs[:, 1] << np.uint64(32)
    return (whole >> np.uint64(11)).astype(np.float64) / 2.0**53


def weights(name, index, shape):
    """A tensor of a backbone, the index-th in the order of the official checkpoint."""
    spread = 2.0 * uniform(0, index, int(np.prod(shape))) - 1.0
    if "norm" in name and name.endswith("weight"):
        values = 1.0 + 0.2 * spread
    elif name.endswith("bias"):
        values = 0.1 * spread
    elif name in ("cls_token", "pos_embed"):
        values = 0.5 * spread
    else:
        values = spread * np.sqrt(3.0 / np.prod(shape[1:]))
        if name.endswith("qkv.weight"):
            # Maps with peaks: flat ones would agree whatever the queries are.
            values = 2.0 * values
    return values.astype(np.float32).reshape(shape)


def picture(side):
    """(side, side, 3) bytes: 8 × 8 patches of colour under noise."""
    numbers = words(1, side, 192 + 3 * side * side) >> np.uint64(24)
    colour, noise = numbers[:192].reshape(8, 8, 3), numbers[192:].reshape(side, side, 3)
    cell = np.arange(side) * 8 // side
    mixed = (np.uint64(3) * colour[cell][:, cell] + noise) // np.uint64(4)
    return mixed.astype(np.uint8)
