"""slime's own remote_rm against a server.

    python slime_client.py URL TASKS.json CHECKOUT

The functions are cut out of slime/rollout/rm_hub of a checkout as they are: the package around them needs a GPU's libraries,
and the registry has none of it. TASKS is a list of {prompt, completion, label}; prints what each call gave, or the error's status.
"""

import ast
import asyncio
import json
import logging
import random
import sys
import types
from pathlib import Path

import aiohttp

NAMES = {"_get_shared_session", "remote_rm"}


def cut(path: Path, scope: dict) -> dict:
    found = [
        node
        for node in ast.parse(path.read_text()).body
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name in NAMES
    ]
    assert {node.name for node in found} == NAMES, f"{path} has not all of {NAMES}"
    exec(compile(ast.Module(found, []), str(path), "exec"), scope)
    return scope


async def main() -> None:
    url, tasks = sys.argv[1], json.loads(Path(sys.argv[2]).read_text())
    scope = {"asyncio": asyncio, "aiohttp": aiohttp, "random": random, "logger": logging.getLogger("slime")}
    scope |= {"_shared_session": None, "Sample": object}
    cut(Path(sys.argv[3]) / "slime/rollout/rm_hub/__init__.py", scope)

    async def ask(one: dict, address: str) -> object:
        sample = types.SimpleNamespace(prompt=one["prompt"], response=one["completion"], label=one["label"])
        args = types.SimpleNamespace(rm_url=address)
        try:
            return await scope["remote_rm"](args, sample, max_retries=2)
        except aiohttp.ClientResponseError as error:
            return {"error": error.status}

    bare = await asyncio.gather(*(ask(one, f"{url}/slime") for one in tasks))
    keyed = await asyncio.gather(*(ask(one, f"{url}/slime?shape=object") for one in tasks))
    await scope["_shared_session"].close()
    print(json.dumps({"bare": bare, "keyed": keyed}))


asyncio.run(main())
