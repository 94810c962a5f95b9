"""The errors of ewarn. Every message is one sentence that says what, where and what to do.

EwarnError
├── UsageError            the request itself is wrong (exit code 2, HTTP 400)
│   ├── UnknownName       no such region, source, target, rule ... (HTTP 404)
│   └── SettingsError     a setting is unknown or malformed
├── InputError            a file or payload is not in the format it should have (exit code 1)
│   └── RecordRejected      a source's parser refuses a record or a whole payload
├── SourceError           a provider could not be read
│   ├── SourceUnreachable   try again later
│   ├── SourceDenied        the provider does not accept our key or account
│   ├── SourceEmbargoed     the provider does not give its newest data to our account
│   └── SourceRefused       trying again will not help; a person must look
├── StoreError            the database cannot be used
│   ├── LeaseLost           another worker took over meanwhile, so nothing was written
│   └── SealBroken          encrypted content cannot be decrypted
├── PortTaken             another program uses the port of this one (exit code 1)
├── ModelError            a model cannot be fitted, loaded or used
└── DeliveryError         a message could not be delivered
"""


class EwarnError(Exception):
    """Base class of all errors that a user may see."""

    exit_code = 1


class UsageError(EwarnError):
    """The request itself is wrong."""

    exit_code = 2


class UnknownName(UsageError):
    """The request names something that does not exist."""


class SettingsError(UsageError):
    """A setting is unknown or malformed."""


class PortTaken(EwarnError):
    """Another program already uses the port that this one should listen on."""


class InputError(EwarnError):
    """A file or payload is not in the format it should have."""


class RecordRejected(InputError):
    """A record or a whole payload is refused. A parser raises no other error."""


class SourceError(EwarnError):
    """A provider could not be read."""


class SourceUnreachable(SourceError):
    """The provider did not answer in time. Another try later may help."""


class SourceDenied(SourceError):
    """The provider does not accept our key or account. A person must renew it."""


class SourceEmbargoed(SourceError):
    """The provider answers, but does not give its newest data to our account.

    The missing data must not be taken for a calm period.
    """


class SourceRefused(SourceError):
    """The provider's answer is wrong in a way that another try will not change."""


class StoreError(EwarnError):
    """The database cannot be reached, or is not at the expected revision."""


class LeaseLost(StoreError):
    """Another worker has taken over the lease, so the write was refused."""


class SealBroken(StoreError):
    """Encrypted content cannot be decrypted: the key is another one, or the content was altered."""


class ModelError(EwarnError):
    """A model cannot be fitted, loaded or used."""


class DeliveryError(EwarnError):
    """A message could not be delivered."""
