"""Nearest regions and their weights, because events in a region may spread to its neighbours."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from ewarn.frames.panel import Panel
from ewarn.frames.predictions import FloatArray
from models.inputs.panel_memo import once_per_panel

NEAREST = 8
EARTH_KM = 6371.0
# Distance over which the weight of a neighbour falls to 1/e: countries, subdivisions.
REACH_KM = (700.0, 150.0)


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The nearest regions of the same level: positions and weights, (regions, at most 8).

    The weights of a row sum to one. They are all zero where no neighbour is known.
    """

    index: npt.NDArray[np.int64]
    weight: FloatArray


@once_per_panel
def neighbours_of(panel: Panel) -> Neighbours:
    """Return the neighbours of each region of a panel."""
    points = tuple(panel.centres.get(region, (np.nan, np.nan)) for region in panel.regions)
    is_part = tuple(region in panel.parents for region in panel.regions)
    return _neighbours(panel.regions, points, is_part)


@lru_cache(maxsize=4)
def _neighbours(
    regions: tuple[str, ...], points: tuple[tuple[float, float], ...], is_part: tuple[bool, ...]
) -> Neighbours:
    index = np.zeros((len(regions), NEAREST), dtype=np.int64)
    weight = np.zeros((len(regions), NEAREST))
    radians = np.radians(np.array(points, dtype=np.float64).reshape(-1, 2))
    for level, reach in enumerate(REACH_KM):
        there = np.array(is_part, dtype=np.int64) == level
        members = np.flatnonzero(there & ~np.isnan(radians).any(axis=1))
        if len(members) > 1:
            near, kilometres = _nearest(radians[members], [regions[each] for each in members])
            share = np.exp(-kilometres / reach)
            columns = near.shape[1]
            index[members, :columns] = members[near]
            weight[members, :columns] = share / np.maximum(share.sum(axis=1, keepdims=True), 1e-12)
    return Neighbours(index, weight)


def _nearest(radians: FloatArray, names: list[str]) -> tuple[npt.NDArray[np.int64], FloatArray]:
    """Return the nearest others and their distances in km, nearest first, equal ones by name."""
    from sklearn.neighbors import BallTree  # noqa: PLC0415 - loading takes half a second

    number = min(NEAREST + 1, len(radians))
    distance, near = BallTree(radians, metric="haversine").query(radians, k=number)
    rank = np.argsort(np.argsort(names))
    itself = near == np.arange(len(radians))[:, None]
    distance = np.where(itself, np.inf, distance)
    order = np.lexsort((rank[near], distance), axis=1)[:, : number - 1]
    near = np.take_along_axis(near, order, axis=1).astype(np.int64)
    kilometres = np.take_along_axis(distance, order, axis=1) * EARTH_KM
    return near, np.where(np.isfinite(kilometres), kilometres, 1e6)
