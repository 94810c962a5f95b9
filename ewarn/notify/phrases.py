"""The phrases that hold a message together: counts, headings, states and dates."""

from collections.abc import Mapping
from datetime import date, datetime

from babel.dates import format_date, format_datetime

from ewarn.domain.notice import About
from ewarn.domain.source import Health

# Where a message is not available in the language that is wanted, it begins by saying so, in it.
NOT_YET: Mapping[str, str] = {
    "ar": "هذه الرسالة غير متاحة باللغة العربية حتى الآن، ولذلك فهي مكتوبة بالإنجليزية.",
    "es": "Este mensaje aún no está disponible en español; por eso está escrito en inglés.",
    "ru": "Это сообщение пока недоступно на русском языке, поэтому оно написано по-английски.",
    "zh": "本消息尚无中文版，以下内容为英文。",
}
RIGHT_TO_LEFT = frozenset({"ar"})

_COUNTED: Mapping[str, Mapping[About, tuple[str, str]]] = {
    "en": {
        About.ALERT: ("alert", "alerts"),
        About.SOURCE: ("source", "sources"),
        About.FOLLOW_UP: ("follow-up", "follow-ups"),
        About.ENDPOINT: ("address", "addresses"),
        About.VERIFY: ("code", "codes"),
        About.TEST: ("test", "tests"),
    },
    "fr": {
        About.ALERT: ("alerte", "alertes"),
        About.SOURCE: ("source", "sources"),
        About.FOLLOW_UP: ("suivi", "suivis"),
        About.ENDPOINT: ("adresse", "adresses"),
        About.VERIFY: ("code", "codes"),
        About.TEST: ("essai", "essais"),
    },
}
_HEADINGS: Mapping[str, Mapping[About, str]] = {
    "en": {
        About.ALERT: "rule",
        About.SOURCE: "Sources of data",
        About.FOLLOW_UP: "follow-up",
        About.ENDPOINT: "Addresses that messages go to",
        About.VERIFY: "Subscriptions",
        About.TEST: "Tests",
    },
    "fr": {
        About.ALERT: "règle",
        About.SOURCE: "Sources de données",
        About.FOLLOW_UP: "suivi",
        About.ENDPOINT: "Adresses des destinataires",
        About.VERIFY: "Abonnements",
        About.TEST: "Essais",
    },
}
_HEALTH: Mapping[str, Mapping[Health, str]] = {
    "en": {
        Health.OK: "is well again",
        Health.LATE: "is late",
        Health.SILENT: "is silent",
        Health.SUSPECT: "sends what is suspect",
        Health.DENIED: "refuses our account",
        Health.EMBARGOED: "keeps its newest data from us",
        Health.CHANGED: "has changed its format",
        Health.BROKEN: "cannot be read",
        Health.DISABLED: "is not set up",
    },
    "fr": {
        Health.OK: "fonctionne de nouveau",
        Health.LATE: "est en retard",
        Health.SILENT: "est muette",
        Health.SUSPECT: "envoie des données suspectes",
        Health.DENIED: "refuse notre compte",
        Health.EMBARGOED: "nous retient ses données récentes",
        Health.CHANGED: "a changé de format",
        Health.BROKEN: "est illisible",
        Health.DISABLED: "n'est pas configurée",
    },
}
_PHRASES: Mapping[str, Mapping[str, str]] = {
    "en": {
        "more": "{} more",
        "acknowledge": "Acknowledge",
        "all": "Open ewarn",
        "also": "now also",
        "details": "Details",
        "rose": "up from {} on {}",
        "rest_heading": "Also, in brief",
        "recommendation": "recommendation overdue",
        "review": "review overdue",
        "footer": "Sent by ewarn. Scores are estimates from reported events; they are no facts.",
    },
    "fr": {
        "more": "{} de plus",
        "acknowledge": "Accuser réception",
        "all": "Ouvrir ewarn",
        "also": "désormais aussi",
        "details": "Détails",
        "rose": "contre {} le {}",
        "rest_heading": "Également, en bref",
        "recommendation": "recommandation en retard",
        "review": "revue en retard",
        "footer": (
            "Envoyé par ewarn. Les scores sont des estimations tirées d'événements rapportés ; "
            "ce ne sont pas des faits."
        ),
    },
}


def phrase(name: str, language: str, *values: object) -> str:
    """A fixed phrase of a complete language, with its gaps filled."""
    return _PHRASES[language][name].format(*values)


def counted(number: int, about: About, language: str) -> str:
    """How many of what: `3 alerts`."""
    one, many = _COUNTED[language][about]
    return f"{number} {one if number == 1 else many}"


def closed(number: int, language: str) -> str:
    """How many alerts are over."""
    if language == "fr":
        return f"{number} {'close' if number == 1 else 'closes'}"
    return f"{number} closed"


def heading(about: About, language: str) -> str:
    """What a group of news of one kind is called."""
    return _HEADINGS[language][about]


def health_words(health: Health, language: str) -> str:
    """What is said of a source in some health, as what follows its name."""
    return _HEALTH[language][health]


def day_words(day: str, language: str) -> str:
    """An ISO day as it is written in a language."""
    return format_date(date.fromisoformat(day), "d MMM y", locale=language)


def moment_words(moment: str, language: str) -> str:
    """An ISO time as it is written in a language, always UTC."""
    written = format_datetime(datetime.fromisoformat(moment), "d MMM y, HH:mm", locale=language)
    return f"{written} UTC"


def colon(language: str) -> str:
    """A colon with what stands around it."""
    return " : " if language == "fr" else ": "


def semicolon(language: str) -> str:
    """A semicolon with what stands around it."""
    return " ; " if language == "fr" else "; "
