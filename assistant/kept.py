"""Files computed once and kept beside the index, each named after what it was made of and what it holds."""

import hashlib
import os
import tempfile
from pathlib import Path

GRAPH, WEIGHTS = ".onnx", ".weights"


def kept_file(folder: Path | None, name: str, made_of: str, suffix: str) -> Path | None:
    """Return the file of that name made of these things, None where there is none that is whole."""
    for path in folder.glob(f"{name}-{_key(made_of)}-*{suffix}") if folder else ():
        if path.stem.rpartition("-")[2] == file_sha256(path):
            return path
    return None


def keep(folder: Path, name: str, made_of: str, suffix: str, content: bytes) -> Path:
    """Write a file in one step, so that no reader sees a part of it, and remove those of that name before it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{_key(made_of)}-{hashlib.sha256(content).hexdigest()}{suffix}"
    temporary = folder / f"{name}.{os.getpid()}.new"
    temporary.write_bytes(content)
    temporary.replace(path)
    for other in folder.glob(f"{name}-*{suffix}"):
        if other != path:
            other.unlink(missing_ok=True)
    return path


def kept_graph(folder: Path | None, name: str, made_of: str) -> Path | None:
    """Return an ONNX graph that `keep_graph` wrote, None where graph or weights are not there or not whole."""
    return kept_file(folder, name, made_of, GRAPH) if kept_file(folder, name, made_of, WEIGHTS) else None


def keep_graph(folder: Path, name: str, made_of: str, graph: bytes) -> Path:
    """Write an ONNX graph with its weights beside it in a file that is mapped into memory, not read into it."""
    import onnx

    with tempfile.TemporaryDirectory() as place:
        file = Path(place, "graph")
        onnx.save_model(
            onnx.load_from_string(graph), file, save_as_external_data=True, location="weights", size_threshold=1024
        )
        weights = keep(folder, name, made_of, WEIGHTS, Path(place, "weights").read_bytes())
        parted = onnx.load(file, load_external_data=False)
    for tensor in parted.graph.initializer:
        for entry in tensor.external_data:
            if entry.key == "location":
                entry.value = weights.name
    return keep(folder, name, made_of, GRAPH, parted.SerializeToString())


def file_sha256(path: Path) -> str:
    """Return the checksum of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _key(made_of: str) -> str:
    return hashlib.sha256(made_of.encode()).hexdigest()[:16]
