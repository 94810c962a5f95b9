"""Parse mail addresses: one name and one domain, and nothing that could start another header."""

import re
from email.errors import MessageError
from email.headerregistry import Address

from ewarn.languages import field_faults

_NAME = re.compile(r"(?!-)[\w.!#$%&'*+/=?^`{|}~-]{1,64}", re.ASCII)  # before the @, unquoted
_DOMAIN = re.compile(
    r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+([a-z]{2,63}|xn--[a-z0-9-]{1,58}[a-z0-9])",
    re.I,
)


def address_of(text: str) -> Address:
    """Parse one mail address and convert its domain to ASCII. Raises ValueError for other text."""
    name, _, domain = text.strip().rpartition("@")
    domain = domain.lower()
    try:
        ascii_domain = domain.encode("idna").decode("ascii")
        if _NAME.fullmatch(name) and _DOMAIN.fullmatch(ascii_domain):
            return Address(addr_spec=f"{name}@{ascii_domain}")
    except (ValueError, IndexError, MessageError):
        pass
    raise ValueError(field_faults.NO_MAIL_ADDRESS())
