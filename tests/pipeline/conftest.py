"""A service with invented parts, on both databases."""

import pytest

from ewarn.domain.playbook import Playbook
from ewarn.domain.region import Level, Office
from ewarn.domain.target import Target
from ewarn.pipeline.service import Service
from ewarn.places.gazetteer import load_gazetteer
from ewarn.rulebook.rules import Rulebook
from ewarn.store.database.engine import Store
from tests.pipeline.invented import Echo, InventedSource, Postbox
from tests.scores import CUTS, rule


@pytest.fixture
def source() -> InventedSource:
    return InventedSource()


@pytest.fixture
def postbox() -> Postbox:
    return Postbox()


@pytest.fixture
def model() -> Echo:
    return Echo()


@pytest.fixture
def service(store: Store, source: InventedSource, model: Echo, postbox: Postbox) -> Service:
    suggestion = {"en": "call the country team"}
    return Service(
        store=store,
        places=load_gazetteer(),
        sources={"invented": source},
        models=lambda *_: (model,),
        rulebook=Rulebook(
            rules=(rule(playbook="watch"),),
            cuts={(target, level): CUTS for target in Target for level in Level},
            offices=(Office("geneva", "Geneva", "en", ("*",)),),
            playbooks={"watch": Playbook("watch", "Watch", suggestion, (), None, ())},
        ),
        notifiers={"log": postbox},
        base_url="http://127.0.0.1:8000",
    )
