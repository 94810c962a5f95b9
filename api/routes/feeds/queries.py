"""Parameters of those who follow alerts, and the filter that they make."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from api.routes.offices import within_office
from api.serving.access import Reader
from api.serving.queries import AnyCase, Names, NoParameters, Targets, in_any_case
from api.serving.state import ApiState
from api.serving.texts import Asked
from api.serving.withheld import readers_of
from ewarn.domain.region import Level
from ewarn.store.alerts.alerts import AlertFilter


class FollowQuery(NoParameters):
    """Which alerts to follow. The names are those of the list of alerts."""

    country: Names = Field(
        default_factory=list, description="Countries, by any code.", examples=[["TGO"]]
    )
    region: Names = Field(
        default_factory=list, description="Regions, by any code.", examples=[["TG-M"]]
    )
    office: Asked | None = Field(
        None, description="Only the countries of an office.", examples=["dakar"]
    )
    level: Annotated[Level | None, AnyCase] = Field(
        None, description="Countries or subdivisions only.", examples=["admin1"]
    )
    target: Targets = Field(
        default_factory=list, description="What is warned of.", examples=[["force"]]
    )
    rule: Names = Field(
        default_factory=list, description="Rules by id.", examples=[["force-country"]]
    )

    def filter(self, state: ApiState, reader: Reader) -> AlertFilter:
        """Return the filter for the alerts that a key may follow.

        Raises:
            Problem: 404 if the key does not cover a country or region, or there is no such office.
        """
        countries = reader.narrowed(state, self.country)
        rules: Sequence[str] = [rule.id for rule in state.rulebook.rules]
        return AlertFilter(
            countries=within_office(state, reader, self.office, countries),
            regions=reader.regions(state, self.region, countries),
            targets=tuple(self.target),
            rules=in_any_case(self.rule, rules),
            level=self.level,
            readers=readers_of(state, reader),
        )
