"""Where the work is done: processes of this machine, or a dask cluster; the answers are the same.

Each task runs on one thread, because sums that are split among threads are rounded as the
machine pleases.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from joblib import Parallel, delayed, parallel_config
from threadpoolctl import threadpool_limits

from ewarn.errors import SettingsError

DASK = "dask://"

# A task is made when its turn comes, so that not all arguments are in memory at once.
Task = Callable[[], tuple[Callable[..., Any], tuple[Any, ...]]]


@contextmanager
def backend(compute: str = "", processes: int = -1) -> Iterator[None]:
    """joblib's backend: processes of this machine, or the dask scheduler at `dask://host:port`.

    Raises SettingsError for any other word, and where the extra `dask` is not installed or the
    scheduler does not answer.
    """
    if not compute:
        with parallel_config(backend="loky", n_jobs=processes):
            yield
        return
    if not compute.startswith(DASK):
        raise SettingsError(
            f"EWARN_COMPUTE is {compute!r}: leave it empty, or write dask://host:8786"
        )
    with _client(compute.removeprefix(DASK)) as client, parallel_config("dask", client=client):
        yield


def run(tasks: Mapping[str, Task]) -> Iterator[tuple[str, Any]]:
    """Results of tasks by name, as they come, on the backend at hand."""
    work = (delayed(_one)(name, *task()) for name, task in tasks.items())
    yield from Parallel(return_as="generator_unordered", max_nbytes=None)(work)


def _one(name: str, task: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[str, Any]:
    with threadpool_limits(1):
        return name, task(*arguments)


def _client(address: str) -> AbstractContextManager[Any]:
    try:
        from distributed import Client  # noqa: PLC0415 - an extra: most never need it
    except ImportError:
        raise SettingsError(
            "EWARN_COMPUTE names a dask scheduler and dask is not installed: "
            "pip install 'ewarn[dask]'"
        ) from None
    try:
        connect: Any = Client  # it is typed in some versions only
        client: AbstractContextManager[Any] = connect(
            f"tcp://{address}", timeout="10s", set_as_default=False
        )
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"no dask scheduler answers at {address}: check EWARN_COMPUTE ({error})"
        ) from None
    return client
