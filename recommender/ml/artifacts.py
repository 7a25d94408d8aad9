"""Trained models on disk: a folder of safetensors and JSON, never pickle.

    weights.safetensors   the network
    items.json            item ids and kinds, position = item index
    manifest.json         settings, metrics, curves, fingerprint of the data, checksums

A folder appears whole or not at all: it is written under a temporary name beside its place,
loaded back and compared, then renamed.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import uuid
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from recommender.ml.contract import Session
from recommender.ml.data import ItemTable
from recommender.ml.gru4rec import EpochReport, GRU4Rec, GRU4RecConfig, GRU4RecRecommender

FORMAT_VERSION = 1
WEIGHTS, ITEMS, MANIFEST = "weights.safetensors", "items.json", "manifest.json"


class ArtifactError(RuntimeError):
    """A model folder cannot be written or trusted; the message says why in a sentence."""


@dataclass(frozen=True)
class ArtifactManifest:
    """What is known of a saved model without loading its weights."""

    format_version: int
    model: str  # the recommender's name
    created_at: str  # ISO 8601, UTC
    fingerprint: str  # of the training data, from the caller
    n_items: int
    config: dict[str, Any]
    metrics: dict[str, Any]
    best_epoch: int
    curves: list[dict[str, Any]]
    files: dict[str, dict[str, Any]]  # name -> {"bytes", "sha256"}


def save(
    directory: Path,
    recommender: GRU4RecRecommender,
    items: ItemTable,
    *,
    metrics: dict[str, Any],
    fingerprint: str,
) -> ArtifactManifest:
    """Write a fitted model to a new folder. Raises ArtifactError where the folder exists, the
    items are not the model's, or what was written does not load back to the same scores."""
    if directory.exists():
        raise ArtifactError(f"{directory} exists already: a saved model is never overwritten.")
    if items.ids != recommender.item_ids:
        raise ArtifactError("The item table is not the one that the model was trained on.")
    draft = directory.parent / f".{directory.name}.{uuid.uuid4().hex}"
    draft.mkdir(parents=True)
    try:
        manifest = _write(draft, recommender, items, metrics, fingerprint)
        _compare(recommender, load(draft)[0])
        _sync_folder(draft)
        draft.rename(directory)
    except BaseException:  # whatever ended it, no half-written folder stays
        shutil.rmtree(draft, ignore_errors=True)
        raise
    _sync_folder(directory.parent)
    return manifest


def load(directory: Path) -> tuple[GRU4RecRecommender, ItemTable, ArtifactManifest]:
    """(model ready to score, its items without texts, manifest). Raises ArtifactError on any
    damage."""
    manifest = read_manifest(directory)
    for name in (WEIGHTS, ITEMS):
        _check_file(directory / name, manifest.files.get(name))
    items = _read_items(directory / ITEMS)
    if len(items) != manifest.n_items:
        raise ArtifactError(
            f"{ITEMS} names {len(items)} items and {MANIFEST} speaks of {manifest.n_items}."
        )
    try:
        config = GRU4RecConfig.from_dict(manifest.config)
    except (ValueError, TypeError) as error:
        raise ArtifactError(f"The settings in {MANIFEST} are not understood: {error}") from error
    network = _network(directory, config, len(items))
    recommender = GRU4RecRecommender(config).adopt(network, items.ids)
    recommender.best_epoch = manifest.best_epoch
    recommender.curves = [EpochReport(**report) for report in manifest.curves]
    return recommender, items, manifest


def read_manifest(directory: Path) -> ArtifactManifest:
    """The manifest alone, checked. Raises ArtifactError where it is missing, damaged or of
    another format."""
    values = _read_json(directory / MANIFEST)
    version = values.get("format_version")
    if version != FORMAT_VERSION:
        raise ArtifactError(
            f"{MANIFEST} has format {version!r}; this version reads format {FORMAT_VERSION}."
        )
    checksum = values.pop("checksum", None)
    if checksum != _checksum_of_values(values):
        raise ArtifactError(f"{MANIFEST} was changed: its checksum does not match.")
    try:
        return ArtifactManifest(**values)
    except TypeError as error:
        raise ArtifactError(f"{MANIFEST} lacks an entry or has one too many: {error}") from error


def _write(
    folder: Path,
    recommender: GRU4RecRecommender,
    items: ItemTable,
    metrics: dict[str, Any],
    fingerprint: str,
) -> ArtifactManifest:
    tensors = {
        name: tensor.detach().cpu().contiguous()
        for name, tensor in recommender.network.state_dict().items()
    }
    save_file(tensors, folder / WEIGHTS)
    _write_json(folder / ITEMS, {"ids": items.ids, "kinds": items.kinds})
    manifest = ArtifactManifest(
        format_version=FORMAT_VERSION,
        model=recommender.name,
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        fingerprint=fingerprint,
        n_items=len(items),
        config=recommender.config.to_dict(),
        metrics=metrics,
        best_epoch=recommender.best_epoch,
        curves=[report.to_dict() for report in recommender.curves],
        files={name: _describe(folder / name) for name in (WEIGHTS, ITEMS)},
    )
    # Through JSON and back, because the reader's checksum is over what JSON makes of it.
    values = json.loads(_json_text(asdict(manifest)))
    _write_json(folder / MANIFEST, {**values, "checksum": _checksum_of_values(values)})
    for name in (WEIGHTS, ITEMS, MANIFEST):
        _sync(folder / name)
    return manifest


def _read_items(path: Path) -> ItemTable:
    values = _read_json(path)
    try:
        return ItemTable(values["ids"], values["kinds"], [""] * len(values["ids"]))
    except (KeyError, TypeError, ValueError) as error:
        raise ArtifactError(f"{path.name} does not list ids and kinds: {error}") from error


def _network(directory: Path, config: GRU4RecConfig, n_items: int) -> GRU4Rec:
    try:
        tensors = load_file(directory / WEIGHTS)
    except SafetensorError as error:
        raise ArtifactError(f"{WEIGHTS} is not a safetensors file: {error}") from error
    rows = len(tensors.get("bias", ()))
    if rows != n_items:
        raise ArtifactError(
            f"The vocabulary has {n_items} items and {WEIGHTS} has weights for {rows}."
        )
    network = GRU4Rec(config, n_items)
    try:
        network.load_state_dict(tensors)
    except RuntimeError as error:
        raise ArtifactError(f"{WEIGHTS} does not fit the saved settings: {error}") from error
    return network


def _compare(written: GRU4RecRecommender, loaded: GRU4RecRecommender) -> None:
    """Score a probe of seen items, and the empty session, with both."""
    seen = np.flatnonzero(written.seen)[:5]
    probe: list[Session] = [[], seen[:1], seen]
    if not np.allclose(written.scores(probe), loaded.scores(probe), rtol=1e-4, atol=1e-5):
        raise ArtifactError("The written model does not score like the trained one.")


def _check_file(path: Path, expected: dict[str, Any] | None) -> None:
    if expected is None:
        raise ArtifactError(f"{MANIFEST} does not list {path.name}.")
    if not path.is_file():
        raise ArtifactError(f"{path.name} is missing from {path.parent}.")
    found = _describe(path)
    if found["bytes"] < expected["bytes"]:
        raise ArtifactError(
            f"{path.name} is truncated: {found['bytes']} of {expected['bytes']} bytes."
        )
    if found != expected:
        raise ArtifactError(f"{path.name} was changed: its checksum does not match.")


def _describe(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        return {
            "bytes": path.stat().st_size,
            "sha256": hashlib.file_digest(file, "sha256").hexdigest(),
        }


def _checksum_of_values(values: dict[str, Any]) -> str:
    text = json.dumps(values, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _json_text(values: dict[str, Any]) -> str:
    try:
        return json.dumps(values, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ArtifactError(f"What is to be saved is not plain JSON: {error}") from error


def _read_json(path: Path) -> dict[str, Any]:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ArtifactError(f"{path.name} is missing from {path.parent}.") from error
    except ValueError as error:  # not JSON, or not UTF-8
        raise ArtifactError(f"{path.name} is not readable JSON: {error}") from error
    if not isinstance(values, dict):
        raise ArtifactError(f"{path.name} is not a JSON object.")
    return values


def _write_json(path: Path, values: dict[str, Any]) -> None:
    path.write_text(_json_text(values), encoding="utf-8")


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


_sync_folder = _sync
