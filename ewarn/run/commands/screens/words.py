"""What screens say about places, levels and times, in the reader's language."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from ewarn.domain.alert import Alert
from ewarn.domain.target import Band
from ewarn.languages.catalogues import ENGLISH, translation
from ewarn.languages.formats import day_words, percent
from ewarn.notify.messages.labels import band_words
from ewarn.ports import WholeGazetteer
from ewarn.response.labels import state_words
from ewarn.run.console import Tone, Toned

_TONES: Mapping[Band, Tone] = {
    Band.ELEVATED: Tone.CAUTION,
    Band.HIGH: Tone.BAD,
    Band.CRITICAL: Tone.BAD,
}


def level_cell(band: Band, language: str = ENGLISH) -> Toned:
    """Return a level as a cell of a table."""
    return Toned(band_words(band, language), _TONES.get(band))


@dataclass(frozen=True, slots=True)
class ScreenWords:
    """The words of a screen in one language."""

    places: WholeGazetteer
    language: str

    @property
    def gettext(self) -> Callable[[str], str]:
        """The translator of the texts of a screen."""
        return translation(self.language).gettext

    @property
    def ngettext(self) -> Callable[[str, str, int], str]:
        """The translator of texts that count something."""
        return translation(self.language).ngettext

    def place(self, id_: str) -> str:
        """Return the name of a region, with its country."""
        region = self.places.get(id_)
        names = [region.name_in(self.language)]
        if region.parent is not None:
            names.append(self.places.get(region.parent).name_in(self.language))
        return ", ".join(names)

    def day(self, day: date | None) -> str:
        """Return a day, or a dash."""
        return "–" if day is None else day_words(day, self.language)

    def share(self, value: float | None) -> str:
        """Return a probability in percent, or a dash."""
        return "–" if value is None else percent(value, self.language)

    def state(self, alert: Alert) -> str:
        """Return the state of an alert, with what limits it."""
        gettext = self.gettext
        said = [state_words(alert.state, self.language)]
        said += [gettext("data stopped")] if alert.stale else []
        said += [gettext("corrected")] if alert.corrected else []
        said += [gettext("standing situation")] if alert.situation else []
        return ", ".join(said)
