"""Request bodies for actions on alerts and for silences."""

from api.schemas.request_body import RequestBody
from api.serving.texts import Codes, GivenWords, Moment, Names, Targets, Words
from ewarn.domain.alert import Assessment
from ewarn.egress.definition.shapes import shown


class Acknowledgement(RequestBody):
    """The acknowledgement of an alert. It is recorded under the name of the API key.

    The optional reason may say what happens next.
    """

    reason: Words = shown("Calling the country team.", default="")


class AssessmentBody(RequestBody):
    """The assessment of an alert and its reason. Do not write names of people."""

    finding: Assessment = shown("true alarm", "What the alert turned out to be.")
    reason: GivenWords = shown("Two weeks later force was used.")


class Closing(RequestBody):
    """The reason why an alert is closed by hand."""

    reason: GivenWords = shown("It repeats another one.")


class SilenceBody(RequestBody):
    """A silence: which notifications are suppressed, until when and why.

    An empty field sets no condition, but at least one field must be set: a silence of every alert
    is refused. Regions must be inside the named countries, and rules must be in force. `offices`
    stands for the countries that these offices watch. If no country is named, the silence covers
    only the countries of the key. Without `starts_at` it begins at once; `ends_at` is required.
    """

    reason: GivenWords = shown("The source is being repaired.")
    starts_at: Moment | None = shown(
        "2017-10-02T12:00:00+00:00", "When it begins.", null="to begin at once", default=None
    )
    ends_at: Moment = shown("2017-10-09T00:00:00+00:00")
    countries: Codes = shown(["TGO"], "Countries, by any code or name.", default=[])
    regions: Codes = shown(["TG-M"], "Regions inside these countries, by code or name.", default=[])
    offices: Names = shown(
        ["dakar"], "Ids of offices: they stand for the countries that these watch.", default=[]
    )
    targets: Targets = shown(["force"], default=[])
    rules: Names = shown(["force-admin1"], "Ids of rules in force.", default=[])
