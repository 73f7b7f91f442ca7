"""Writes src/engine/fixtures/python.safetensors with the reference package, and checks the file that the TypeScript writer made of
the same tensors (`node bench/parity/safetensors-files.ts FILE`, then `python bench/parity/safetensors_files.py FILE`).
Needs: pip install safetensors==0.8.0 numpy==2.4.6"""
import pathlib
import sys

import numpy as np
from safetensors.numpy import load_file, save_file

values = np.array([0.0, -0.0, 1.0, -1.5, 0.1, 6.0e-8, 65504.0, np.inf, -np.inf, 2.0**-24], dtype=np.float64)
tensors = {
    "double": values.reshape(2, 5),
    "float": values.astype(np.float32).reshape(5, 2),
    "half": values.astype(np.float16),
    "long": np.array([-(2**63), 2**63 - 1, 0], dtype=np.int64),
    "int": np.array([[-(2**31)], [2**31 - 1]], dtype=np.int32),
    "short": np.array([-32768, 32767], dtype=np.int16),
    "byte": np.arange(7, dtype=np.uint8),
    "flag": np.array([True, False, True]),
    "scalar": np.array(3.25, dtype=np.float32),
    "empty": np.zeros((0, 4), dtype=np.float32),
    "naïve \U0001f600": np.array([1.0], dtype=np.float32),
}
folder = pathlib.Path(__file__).resolve().parents[2] / "src/engine/fixtures"
if len(sys.argv) == 1:
    save_file(tensors, folder / "python.safetensors", metadata={"package": "safetensors 0.8.0 (PyPI)", "script": "bench/parity/safetensors_files.py"})
else:
    theirs = load_file(sys.argv[1])
    ours = {name: value for name, value in tensors.items() if name not in ("half", "flag")}  # these two the reader widens
    assert set(theirs) == set(tensors), sorted(theirs)
    for name, value in ours.items():
        assert theirs[name].dtype == value.dtype and theirs[name].shape == value.shape, name
        assert theirs[name].tobytes() == value.tobytes(), name
    assert theirs["half"].dtype == np.float32 and (theirs["half"] == tensors["half"].astype(np.float32)).all()
    assert theirs["flag"].tolist() == [1, 0, 1]
    print("the reference package reads the file:", len(theirs), "tensors")
