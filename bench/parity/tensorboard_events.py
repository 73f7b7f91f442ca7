"""Reads src/store/fixtures/tensorboard, an event file of src/store/tensorboard.ts, with TensorBoard's own reader and checks the scalars that
src/store/export.test.ts writes (the test compares its file with this one). Needs: pip install tensorboard==2.21.0"""
import pathlib

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

folder = pathlib.Path(__file__).resolve().parents[2] / "src/store/fixtures/tensorboard"
events = EventAccumulator(str(folder))
events.Reload()
found = {tag: [(e.step, e.value) for e in events.Scalars(tag)] for tag in events.Tags()["scalars"]}
expected = {
    "reward": [(0, 0.0), (1, 0.25), (300, 75.0)],
    "part/naïve": [(0, 1.0), (1, 1.0), (300, 1.0)],
    "clock/seconds": [(0, 0.5), (1, 0.5), (300, 0.5)],
    "evaluation/heldout/solved": [(1, 0.25)],
}
assert found == expected, found
assert events.Scalars("reward")[2].wall_time == 1700000000.3
print("TensorBoard reads", sum(map(len, found.values())), "scalars as expected")
