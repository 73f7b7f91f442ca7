"""OpenEnv's GenericEnvClient, over its socket.

    python openenv_client.py URL TASKS.json

TASKS is a list of {prompt, completion, answer}: an episode each. Prints rewards and causes, and the version.
"""

import asyncio
import json
import sys
from importlib.metadata import version
from pathlib import Path

from openenv.core.generic_client import GenericEnvClient


async def main() -> None:
    url, tasks = sys.argv[1], json.loads(Path(sys.argv[2]).read_text())
    found = []
    async with GenericEnvClient(base_url=url) as env:
        for one in tasks:
            shown = await env.reset(prompt=one["prompt"], **({} if one["answer"] is None else {"answer": one["answer"]}))
            assert shown.observation["prompt"] == one["prompt"] and shown.reward is None and not shown.done, shown
            result = await env.step({"completion": one["completion"]})
            assert result.done, result
            found.append({"reward": result.reward, "cause": result.observation.get("cause")})
            state = await env.state()
            assert (state["step_count"] if isinstance(state, dict) else state.step_count) == 1, state
    print(json.dumps({"found": found, "versions": {"openenv-core": version("openenv-core")}}))


asyncio.run(main())
