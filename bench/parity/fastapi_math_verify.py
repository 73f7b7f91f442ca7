"""The baseline of bench/serve.ts: one FastAPI route that scores with Math-Verify. Needs fastapi, uvicorn, math-verify.

Usage: python fastapi_math_verify.py PORT
"""

import sys

import uvicorn
from fastapi import FastAPI
from math_verify import parse, verify
from pydantic import BaseModel

app = FastAPI()


class Sample(BaseModel):
    prompt: str = ""
    completion: str
    answer: str


@app.get("/healthz")
async def health() -> dict:
    return {"status": "ok"}


# Math-Verify's own time limit uses a signal, which works on the main thread only: the route is async.
@app.post("/v1/score")
async def score(sample: Sample) -> dict:
    gold = parse(f"${sample.answer}$")
    return {"reward": float(verify(gold, parse(sample.completion)))}


uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="error", access_log=False)
