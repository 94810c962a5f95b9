"""Parallel execution of tasks by processes of this machine or by a dask cluster.

Each task runs on one thread, because the rounding of sums that are divided among threads depends on
the machine. So the results are the same everywhere.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from joblib import Parallel, delayed, parallel_config
from threadpoolctl import threadpool_limits

from ewarn.errors import SettingsError

DASK = "dask://"

# A function that creates a task when it is due, so that not all arguments are in memory at once.
Task = Callable[[], tuple[Callable[..., Any], tuple[Any, ...]]]


@contextmanager
def backend(compute: str = "", processes: int = -1) -> Iterator[None]:
    """Set joblib's backend: processes of this machine, or a dask scheduler `dask://host:port`.

    Raises:
        SettingsError: `compute` is another text, the extra `dask` is not installed, or the
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
    """Run tasks on the current joblib backend, and yield each name and result when it is done."""
    work = (delayed(_one)(name, *task()) for name, task in tasks.items())
    yield from Parallel(return_as="generator_unordered", max_nbytes=None)(work)


def _one(name: str, task: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[str, Any]:
    with threadpool_limits(1):
        return name, task(*arguments)


def _client(address: str) -> AbstractContextManager[Any]:
    try:
        from distributed import Client  # noqa: PLC0415 - an extra that most do not install
    except ImportError:
        raise SettingsError(
            "EWARN_COMPUTE names a dask scheduler and dask is not installed: "
            "pip install 'ewarn[dask]'"
        ) from None
    try:
        connect: Any = Client  # only some versions have type hints
        client: AbstractContextManager[Any] = connect(
            f"tcp://{address}", timeout="10s", set_as_default=False
        )
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"no dask scheduler answers at {address}: check EWARN_COMPUTE ({error})"
        ) from None
    return client
