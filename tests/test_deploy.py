"""Would what docs/production.md starts really start: files, commands, environment, secrets, volumes?"""

import ast
import importlib.util
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from command_center import env

ROOT = Path(__file__).parent.parent
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = ["web-a", "web-b", "worker", "beat", "migrate"]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
NGINX = (ROOT / "deploy/nginx.conf").read_text(encoding="utf-8")
# A demonstration's, and what production must not switch on.
NOT_IN_PRODUCTION = {"DEBUG", "DEMO_PASSWORD", "DEMO_DAY"}


def read_by_the_settings() -> set[str]:
    """Every variable that the settings ask for through command_center/env.py, and VAR that env.py itself reads."""
    asked = {
        call.args[0].value
        for name in ("settings.py", "demo/people.py", "management/commands/load_demo.py")
        for call in ast.walk(ast.parse((ROOT / "command_center" / name).read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and ast.unparse(call.func) in {"env.text", "env.flag", "env.words"}
        and isinstance(call.args[0], ast.Constant)
    }
    return {*map(str, asked), "VAR"}


def given(service: str) -> set[str]:
    return {name.removesuffix("_FILE") for name in SERVICES[service]["environment"]}


def test_every_variable_is_one_the_settings_read_and_the_other_way_round():
    assert set().union(*map(given, OURS)) == read_by_the_settings() - NOT_IN_PRODUCTION


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_whole(service):
    it = SERVICES[service]
    assert set(it.get("depends_on", {})) <= set(SERVICES)
    assert {one["condition"] for one in it.get("depends_on", {}).values()} <= {
        "service_started", "service_healthy", "service_completed_successfully",
    }  # fmt: skip
    for needed, how in it.get("depends_on", {}).items():
        assert how["condition"] != "service_healthy" or "healthcheck" in SERVICES[needed]
    assert set(it.get("networks", [])) <= set(COMPOSE["networks"])
    assert set(it.get("secrets", [])) <= set(COMPOSE["secrets"])
    assert it["restart"] in {"unless-stopped", "on-failure"}
    assert ("healthcheck" in it) == (service != "migrate")
    for volume in it.get("volumes", []):
        source, target, *_ = volume.split(":")
        assert target.startswith("/")
        assert (ROOT / source).is_file() if source.startswith(".") else source in COMPOSE["volumes"]
    for name, value in it.get("environment", {}).items():
        if name.endswith("_FILE"):
            assert value.removeprefix("/run/secrets/") in it["secrets"]


@pytest.mark.parametrize("service", OURS)
def test_our_processes_run_what_exists_without_rights(service):
    it = SERVICES[service]
    assert it["read_only"] is True
    assert it["user"] == "10001:10001"
    assert it["cap_drop"] == ["ALL"]
    command = it.get("command") or ast.literal_eval(
        re.findall(r"^CMD (\[.*\])$", DOCKERFILE, re.MULTILINE)[0]
    )
    if command[0] == "python":
        assert (ROOT / command[1]).is_file()
    else:
        assert command[0] in {"uvicorn", "celery"}
        assert importlib.util.find_spec(command[0])
    if command[0] == "uvicorn":
        module, _, name = command[1].partition(":")
        assert name in (ROOT / f"{module.replace('.', '/')}.py").read_text(encoding="utf-8")
    if command[0] == "celery":
        assert command[1:4] in (["-A", "command_center", "worker"], ["-A", "command_center", "beat"])
    checked = it.get("healthcheck", {}).get("test", [])
    assert all((ROOT / word).is_file() for word in checked if word.startswith("deploy/"))


def test_there_are_two_web_processes_one_beat_and_one_that_migrates_first():
    assert SERVICES["web-a"] == SERVICES["web-b"]
    beat = SERVICES["beat"]["command"]
    assert "beat" in beat
    assert beat[beat.index("--pidfile") + 1] == "", "there is nowhere to write one"
    assert SERVICES["migrate"]["command"][1:5] == ["manage.py", "migrate", "--database", "owner"]
    for service in ("web-a", "web-b", "worker", "beat"):
        assert SERVICES[service]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"


def test_the_owner_of_the_tables_is_known_to_nobody_who_serves():
    holders = {name for name, it in SERVICES.items() if "database_owner_url" in it.get("secrets", [])}
    assert holders == {"migrate"}


def test_seals_stand_on_a_volume_of_their_own_that_the_database_does_not_see():
    homes = {name for name, it in SERVICES.items() if any("seals:" in one for one in it.get("volumes", []))}
    assert homes == {"worker", "migrate"}
    for name in homes:
        assert f"seals:{SERVICES[name]['environment']['SEAL_DIR']}" in SERVICES[name]["volumes"]


def test_no_secret_has_a_default_and_none_is_in_the_image_or_the_repository():
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    assert not re.search(
        r"(?i)(password|secret_key)[^:\n]*:\s*[\"']?[a-z0-9]{6,}", text.replace("file: ", "")
    )
    for name in ("RELEASE", "ALLOWED_HOSTS", "TRUSTED_ORIGINS"):
        assert re.findall(rf"\$\{{{name}(.)", text) == [":"]
        assert f"${{{name}:?" in text
    assert "/deploy/secrets/" in (ROOT / ".gitignore").read_text(encoding="utf-8")
    assert "deploy/secrets" in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    made = (ROOT / "deploy/make_secrets.sh").read_text(encoding="utf-8")
    assert all(name in made for name in COMPOSE["secrets"])


def test_only_the_proxy_is_open_and_the_stores_stand_behind():
    assert {name for name, it in SERVICES.items() if "ports" in it} == {"proxy"}
    assert COMPOSE["networks"]["back"]["internal"] is True
    assert SERVICES["proxy"]["networks"] == ["front"]
    assert SERVICES["database"]["networks"] == SERVICES["valkey"]["networks"] == ["back"]


def test_the_image_installs_what_is_locked_and_nothing_else():
    installs = re.findall(r"pip install (.*)", DOCKERFILE)
    assert installs == ["--no-deps --require-hashes -r /tmp/requirements.lock"]
    assert "COPY requirements.lock /tmp/requirements.lock" in DOCKERFILE
    assert re.findall(r"^USER (.*)$", DOCKERFILE, re.MULTILINE) == ["10001:10001"]
    assert "apt-get" not in DOCKERFILE
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "--hash=sha256:" in lock


def test_the_proxy_says_who_came_from_where_and_lets_only_files_be_large():
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in NGINX
    assert "$proxy_add_x_forwarded_for" not in NGINX, "what a client claims would be believed"
    assert "proxy_set_header X-Forwarded-Proto https;" in NGINX
    assert "proxy_set_header Upgrade $http_upgrade;" in NGINX
    assert re.findall(r"client_max_body_size (\w+);", NGINX) == ["1m", "64m"]
    assert {f"{name}:8000" for name in ("web-a", "web-b")} == set(re.findall(r"server (\S+) resolve", NGINX))
    assert NGINX.count("{") == NGINX.count("}")


@pytest.mark.parametrize("script", sorted((ROOT / "deploy").glob("*.sh")), ids=lambda path: path.name)
def test_the_scripts_can_be_read_and_run(script):
    assert script.stat().st_mode & 0o100
    subprocess.run(["bash", "-n", str(script)], check=True)


def test_secrets_are_made_once_and_never_replaced(tmp_path):
    script = tmp_path / "make_secrets.sh"
    script.write_bytes((ROOT / "deploy/make_secrets.sh").read_bytes())
    for _ in range(2):
        subprocess.run(["bash", str(script)], check=True, capture_output=True)
        kept = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
        assert set(kept) == set(COMPOSE["secrets"]) - {"tls_certificate", "tls_key"}
        found = getattr(test_secrets_are_made_once_and_never_replaced, "kept", kept)
        assert found == kept
        test_secrets_are_made_once_and_never_replaced.kept = kept
    assert kept["database_web_password"] in kept["database_url"]
    assert env.database(kept["database_url"])["PASSWORD"] == kept["database_web_password"]
    assert len({*kept.values()}) == len(kept)


def test_a_secret_may_stand_in_a_file(tmp_path, monkeypatch):
    file = tmp_path / "secret"
    file.write_text("from the file\n")
    monkeypatch.setenv("SECRET_KEY_FILE", str(file))
    monkeypatch.delenv("SECRET_KEY", raising=False)
    assert env.text("SECRET_KEY") == "from the file"
    monkeypatch.setenv("SECRET_KEY", "said")
    assert env.text("SECRET_KEY") == "said"
