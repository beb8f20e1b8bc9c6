"""The bins in which shares given, offered and demanded are compared: ten of a tenth each."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mores.errors import BadValue

SHARE_EDGES = tuple(k / 10 for k in range(11))
"""0, .1, ..., 1. Each bin holds its lower edge; the last holds 1 too."""


def share_bin(shares: ArrayLike) -> NDArray[np.int64]:
    """The bin 0..9 of each share, -1 where it is NaN. Raises BadValue for a share outside [0, 1].

    A share computed as 1 - .7 falls where .3 does: what is within 1e-9 below an edge counts as the edge.
    """
    values = np.asarray(shares, np.float64)
    missing = np.isnan(values)
    if ((values < 0) | (values > 1)).any():
        worst = values[(values < 0) | (values > 1)].flat[0]
        raise BadValue("share", float(worst), "a number from 0 to 1, or NaN where it is missing")
    found = np.minimum(np.floor(np.where(missing, 0.0, values) * 10 + 1e-8), 9).astype(np.int64)
    return np.where(missing, -1, found)


def share_counts(shares: ArrayLike) -> NDArray[np.int64]:
    """[10] how many shares fall in each bin; missing ones in none."""
    found = share_bin(shares).ravel()
    return np.bincount(found[found >= 0], minlength=10)
