"""What the notebooks share: a client of the demonstration, and a service of one's own to try on."""

import atexit
import os
import socket
import sqlite3
import subprocess
import sys
import threading
from contextlib import ExitStack
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import uvicorn
from IPython.display import HTML

from ewarn.access.keys import issue
from ewarn.client.clients import Client
from ewarn.domain.key import READ_SCOPES
from ewarn.domain.time import midnight
from ewarn.pipeline.service import Service
from ewarn.run import settings
from ewarn.run.serve import open_socket
from ewarn.run.wiring import open_service
from ewarn.run.wiring_api import make_api
from ewarn.store.access import keys
from ewarn.store.database import store_metadata

LAST_DAY = date(2017, 12, 31)
pd.set_option("display.precision", 3)
pd.set_option("display.max_colwidth", None)


def connect() -> Client:
    """Return a client of `$NOTEBOOK_EWARN_URL` and `$NOTEBOOK_EWARN_KEY`.

    Without them, `ewarn demo` is started here. Its first start takes a minute or two, because it
    replays four years; later ones take seconds.
    """
    url, key = os.environ.get("NOTEBOOK_EWARN_URL"), os.environ.get("NOTEBOOK_EWARN_KEY")
    if url and key:
        return Client(url, key, cache=None)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    demo = subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-m", "ewarn.run.cli", "demo", "--until", str(LAST_DAY)],
        # A replay holds links, so it is of one public address: the port alone must not change it.
        env={
            "EWARN_BASE_URL": "http://127.0.0.1:8000",
            **os.environ,
            "EWARN_PORT": str(port),
        },
        stdout=subprocess.PIPE,
        text=True,
    )
    atexit.register(demo.terminate)
    assert demo.stdout is not None
    for line in demo.stdout:
        before, _, key = line.partition("A key for this demonstration: ")
        if key and not before:
            threading.Thread(target=demo.stdout.read, daemon=True).start()  # keeps the pipe empty
            return Client(f"http://127.0.0.1:{port}", key.strip(), cache=None)
    raise RuntimeError("the demonstration ended before it served anything")


class OwnService:
    """A service in this process, on a store that is removed at the end, with a clock to set."""

    def __init__(self, day: date, *, copy_demonstration: bool = False) -> None:
        """Make it, and serve it on a free port. `client` reads from it."""
        self.now: datetime = midnight(day)
        self._open = ExitStack()
        atexit.register(self._open.close)
        folder = Path(self._open.enter_context(TemporaryDirectory()))
        chosen = settings.load()
        if copy_demonstration:
            _copy(chosen.data_dir / f"demo-{LAST_DAY}.db", folder / "ewarn.db")
        sources = ("chronicle",) if copy_demonstration else ()
        chosen = chosen.model_copy(
            update={"data_dir": folder, "database_url": "", "sources": sources, "deliver": ("log",)}
        )
        self.service: Service = self._open.enter_context(open_service(chosen))
        self.client = self._served()

    def _served(self) -> Client:
        key, text = issue("a notebook", READ_SCOPES, ["*"], self.now)
        with self.service.store.write() as connection:
            keys.add(connection, key)
        opened = open_socket("127.0.0.1", 0)
        opened.listen()
        app = make_api(self.service, lambda: self.now)
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", access_log=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [opened]}, daemon=True)
        thread.start()

        def stop() -> None:
            app.state.changes.close()
            server.should_exit = True
            thread.join()

        self._open.callback(stop)
        return Client(f"http://127.0.0.1:{opened.getsockname()[1]}", text, cache=None)


def bars(frame: pd.DataFrame, column: str, percent: bool = False) -> HTML:
    """Show a table whose column is drawn as bars from zero. A missing value has no bar."""
    style = frame.style.hide(axis="index").set_uuid("bars").bar(subset=[column], vmin=0)
    shown = dict.fromkeys(frame.select_dtypes("datetime"), "{:%Y-%m-%d}")
    if percent:
        shown |= dict.fromkeys(frame.select_dtypes("float"), "{:.1%}")
    return HTML(style.format(shown, precision=3, na_rep="not observed").to_html())


def _copy(replayed: Path, into: Path) -> None:
    """Copy the database of the demonstration, also while it is used."""
    if not replayed.exists():
        raise FileNotFoundError("run `ewarn demo --exit` first: its replay is what is copied")
    with sqlite3.connect(replayed) as source, sqlite3.connect(into) as target:
        source.backup(target)
        target.execute("DELETE FROM meta WHERE key = ?", (store_metadata.REPLAY_DAY,))
