"""The error tree. Every message is one sentence that says what, where and what to do.

EwarnError
├── UsageError            the request itself is wrong (exit code 2, HTTP 400)
│   ├── UnknownName       no such region, source, target, rule ... (HTTP 404)
│   └── SettingsError     a setting is unknown or malformed
├── InputError            a file or payload cannot be read as what it claims to be (exit code 1)
│   └── RecordRejected      what a source's parser raises: a record, or all of a payload, is refused
├── SourceError           a provider could not be read
│   ├── SourceUnreachable   try again later
│   ├── SourceDenied        the provider does not accept our key or account
│   ├── SourceEmbargoed     the provider keeps its newest data from our account
│   └── SourceRefused       trying again will not help; a person must look
├── StoreError            the database cannot be used
│   ├── LeaseLost           another worker took over meanwhile: nothing was written
│   └── SealBroken          what is sealed in it cannot be opened
├── PortTaken             another program listens where this one should (exit code 1)
├── ModelError            a model cannot be fitted, loaded or asked
└── DeliveryError         a notification could not be handed over
"""


class EwarnError(Exception):
    """Base of all errors that a user may meet."""

    exit_code = 1


class UsageError(EwarnError):
    """The request itself is wrong."""

    exit_code = 2


class UnknownName(UsageError):
    """Something was named that does not exist."""


class SettingsError(UsageError):
    """A setting is unknown or malformed."""


class PortTaken(EwarnError):
    """Another program listens at the port that this one was to have."""


class InputError(EwarnError):
    """A file or payload cannot be read as what it claims to be."""


class RecordRejected(InputError):
    """A record, or a whole payload, is refused: the only error that a parser raises."""


class SourceError(EwarnError):
    """A provider could not be read."""


class SourceUnreachable(SourceError):
    """The provider did not answer, or not in time: worth another try later."""


class SourceDenied(SourceError):
    """The provider does not accept our key or account: a person must renew it."""


class SourceEmbargoed(SourceError):
    """The provider answers well but keeps its newest data from our account: this is no peace."""


class SourceRefused(SourceError):
    """The provider answered something that another try will not cure."""


class StoreError(EwarnError):
    """The database cannot be reached, or is not at the expected revision."""


class LeaseLost(StoreError):
    """What one worked under was taken over by another worker, so its write was refused."""


class SealBroken(StoreError):
    """What is sealed cannot be opened: another key, or it was altered."""


class ModelError(EwarnError):
    """A model cannot be fitted, loaded or asked."""


class DeliveryError(EwarnError):
    """A notification could not be handed over."""
