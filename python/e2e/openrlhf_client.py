"""OpenRLHF's own single-turn executor, from prompt to reward, with an engine that says what the tasks say.

    python openrlhf_client.py URL TASKS.json

TASKS is a list of {prompt, completion, label}. Prints, for each, the reward that the executor leaves in its output, and the
versions. Needs openrlhf (without its dependencies) and aiohttp: only openrlhf/utils/agent.py runs, as it is installed.
"""

import asyncio
import importlib
import json
import sys
import types
from importlib.metadata import distribution, version
from pathlib import Path


def agent_module() -> types.ModuleType:
    """openrlhf.utils.agent, without what the packages above it import: those need a GPU's libraries."""
    folder = Path(str(distribution("openrlhf").locate_file("openrlhf")))
    for name, path in (("openrlhf", folder), ("openrlhf.utils", folder / "utils")):
        package = types.ModuleType(name)
        package.__path__ = [str(path)]
        sys.modules[name] = package
    return importlib.import_module("openrlhf.utils.agent")


class Characters:
    """A tokenizer with a token for each character, and one for the end of a turn."""

    END = 0x110000

    def __call__(self, text: str, **_: object) -> dict:
        import_like_tensor = types.SimpleNamespace(tolist=lambda: [ord(character) for character in text])
        return {"input_ids": [import_like_tensor]}

    def decode(self, tokens: list[int], skip_special_tokens: bool = True) -> str:
        end = "" if skip_special_tokens else "<|im_end|>"
        return "".join(end if token == self.END else chr(token) for token in tokens)


class Engine:
    def __init__(self, completion: str) -> None:
        self.tokens = [ord(character) for character in completion] + [Characters.END]

    async def generate(self, *_: object, **__: object) -> types.SimpleNamespace:
        one = types.SimpleNamespace(token_ids=self.tokens, finish_reason="stop", logprobs=None)
        return types.SimpleNamespace(outputs=[one])


async def main() -> None:
    url, tasks = sys.argv[1], json.loads(Path(sys.argv[2]).read_text())
    executor = agent_module().SingleTurnAgentExecutor([f"{url}/get_reward", f"{url}/get_reward?reward=number"])
    sampling = types.SimpleNamespace(max_tokens=64, logprobs=None)
    rewards = await asyncio.gather(
        *(
            executor.execute(one["prompt"], one["label"], sampling, 4096, Characters(), Engine(one["completion"]))
            for one in tasks
        )
    )
    found = [{"reward": one["reward"], "scores": one["scores"]} for one in rewards]
    parts = await executor._fetch_rewards_via_http(["p5", "p6", "p7"], ["p", "p", "p"], ["5", "5", "7"])
    print(
        json.dumps(
            {
                "found": found,
                "sharded": [one["rewards"] for one in parts],
                "versions": {"openrlhf": version("openrlhf")},
            }
        )
    )


asyncio.run(main())
