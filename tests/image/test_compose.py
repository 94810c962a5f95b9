"""Tests of compose.yaml: no open port, no writable file system, no default password."""

from pathlib import Path
from typing import Any

import pytest
import yaml

COMPOSE: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parents[2] / "compose.yaml").read_text(encoding="utf-8")
)
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = ("migrate", "worker", "api")


def test_every_service_of_ours_is_confined() -> None:
    for name in OURS:
        service = SERVICES[name]
        assert service["read_only"] is True
        assert service["tmpfs"] == ["/tmp"]
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert "user" not in service  # the image has a user of its own, which is not root


def test_only_the_api_is_published_and_only_to_this_host() -> None:
    published = {name: service.get("ports") for name, service in SERVICES.items()}
    assert published.pop("api") == ["127.0.0.1:8000:8000"]
    assert set(published.values()) == {None}


@pytest.mark.parametrize(("name", "variable"), [("db", "POSTGRES_PASSWORD"), ("api", "PGPASSWORD")])
def test_there_is_no_default_password(name: str, variable: str) -> None:
    assert SERVICES[name]["environment"][variable].startswith("${POSTGRES_PASSWORD:?")


def test_settings_rules_and_secrets_of_the_operator_reach_every_process() -> None:
    for name in OURS:
        service = SERVICES[name]
        assert service["env_file"] == ["ewarn.env"]
        assert service["environment"]["EWARN_CONFIG_DIR"] == "/config"
        assert service["environment"]["EWARN_SECRETS_DIR"] == "/secrets"
        assert {"./config:/config:ro", "./secrets:/secrets:ro"} < set(service["volumes"])


def test_worker_and_api_wait_for_the_migration() -> None:
    for name in ("worker", "api"):
        waits = SERVICES[name]["depends_on"]
        assert waits["db"] == {"condition": "service_healthy"}
        assert waits["migrate"] == {"condition": "service_completed_successfully"}
        assert SERVICES[name]["restart"] == "unless-stopped"
    assert SERVICES["migrate"]["restart"] == "no"
    assert set(SERVICES) == {"db", *OURS}
