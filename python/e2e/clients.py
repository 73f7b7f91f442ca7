"""The trainers' own client functions against a running server; outside CI.

    npx assay serve --reward number --port 8060
    python clients.py http://127.0.0.1:8060 --openrlhf CHECKOUT --slime CHECKOUT --openenv

Needs aiohttp; for --openenv the package openenv-core. The functions are cut out of the checkouts as they are, since the packages
around them need a GPU. Ran with OpenRLHF 3c3be62, slime 624b824, openenv-core 0.3.0.
"""

import argparse
import ast
import asyncio
import logging
import random
import types
from pathlib import Path

import aiohttp


def cut(path: Path, names: set[str], scope: dict) -> dict:
    """The functions of these names, wherever they stand in a file."""
    found = [
        node
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name in names
    ]
    assert {node.name for node in found} == names, f"{path} has not all of {names}"
    exec(compile(ast.Module(found, []), str(path), "exec"), scope)
    return scope


async def openrlhf(url: str, checkout: Path) -> None:
    scope = cut(
        checkout / "openrlhf/utils/agent.py",
        {"_fetch_rewards_via_http"},
        {"asyncio": asyncio, "aiohttp": aiohttp, "logger": logging.getLogger("openrlhf")},
    )
    fetch = scope["_fetch_rewards_via_http"]
    two = types.SimpleNamespace(reward_endpoints=[f"{url}/get_reward"] * 2)
    first, second = await fetch(two, ["Q: 2+3? A: 5<|im_end|>"], ["Q: 2+3? A:"], ["5"])
    assert first["rewards"] == [1] and first["scores"] == [1], first
    assert second["rewards"] == [], second
    one = types.SimpleNamespace(reward_endpoints=[f"{url}/get_reward"])
    try:
        await fetch(one, ["Q 5"], ["Q"], ["no number"])
    except RuntimeError:
        return
    raise AssertionError("no verdict came as a reward")


async def slime(url: str, checkout: Path) -> None:
    scope = {"asyncio": asyncio, "aiohttp": aiohttp, "random": random, "logger": logging.getLogger("slime")}
    scope |= {"_shared_session": None, "Sample": object}
    cut(checkout / "slime/rollout/rm_hub/__init__.py", {"remote_rm", "_get_shared_session"}, scope)
    args = types.SimpleNamespace(rm_url=f"{url}/slime")
    sample = types.SimpleNamespace(prompt="2+3?", response="it is 5", label="5")
    assert await scope["remote_rm"](args, sample) == 1
    keyed = types.SimpleNamespace(rm_url=f"{url}/slime?shape=object")
    assert (await scope["remote_rm"](keyed, sample))["reward"] == 1
    sample.label = None
    try:
        await scope["remote_rm"](args, sample, max_retries=2)
    except aiohttp.ClientResponseError as error:
        assert error.status == 422
    else:
        raise AssertionError("no verdict came as a reward")
    finally:
        await scope["_shared_session"].close()


async def openenv(url: str) -> None:
    from openenv.core.generic_client import GenericEnvClient

    async with GenericEnvClient(base_url=url) as env:
        shown = await env.reset(prompt="2+3?", answer=5)
        assert shown.observation["prompt"] == "2+3?" and not shown.done
        scored = await env.step({"completion": "it is 5"})
        assert scored.reward == 1 and scored.done
        await env.reset(prompt="?")
        unscored = await env.step({"completion": "5"})
        assert unscored.reward is None and unscored.observation["cause"] == "reference"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("--openrlhf", type=Path)
    parser.add_argument("--slime", type=Path)
    parser.add_argument("--openenv", action="store_true")
    given = parser.parse_args()
    if given.openrlhf:
        asyncio.run(openrlhf(given.url, given.openrlhf))
        print("openrlhf: as expected")
    if given.slime:
        asyncio.run(slime(given.url, given.slime))
        print("slime: as expected")
    if given.openenv:
        asyncio.run(openenv(given.url))
        print("openenv: as expected")


if __name__ == "__main__":
    main()
