"""Tests that a region is scored if it exists at the origin and a source observed it."""

from datetime import date, timedelta

import pytest

from ewarn.domain.source import Coverage
from ewarn.pipeline.scoring.score import regions_covered
from ewarn.pipeline.service import Service


@pytest.mark.parametrize(
    ("origin", "scored", "not_scored"),
    [
        (date(2011, 7, 4), {"SDN", "TGO"}, {"SSD", "SS-BW"}),  # South Sudan begins on the Saturday
        (date(2011, 7, 11), {"SDN", "SSD", "SS-BW"}, {"SCG"}),
        (date(2006, 6, 5), {"SCG", "MNE", "ME-16"}, {"SRB", "XKX"}),  # the last day of one
        (date(2006, 6, 12), {"SRB", "RS-00", "MNE"}, {"SCG", "XKX"}),
        (date(1990, 2, 5), {"SUN", "DDR", "CSK", "YUG"}, {"RUS", "UA-30", "CZE", "HRV", "NAM"}),
    ],
)
def test_a_country_is_scored_from_its_first_day_to_its_last(
    service: Service, origin: date, scored: set[str], not_scored: set[str]
) -> None:
    everywhere = Coverage("desk", "*", date(1989, 1, 2), origin - timedelta(days=7))
    regions = {region.id for region in regions_covered(service, [everywhere], origin)}
    assert scored <= regions
    assert not regions & not_scored
    assert not_scored <= {region.id for region in service.places.regions()}
