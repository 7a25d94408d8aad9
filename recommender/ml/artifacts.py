"""Trained models on disk: a folder of safetensors and JSON, never pickle.

    weights.safetensors   the network, its content features and the encoder that makes them
    sessions.safetensors  item indices of the sessions that the other parts of the blend count
    items.json            item ids and kinds, position = item index
    manifest.json         settings, weights of the blend, metrics, curves, fingerprint, checksums

The sessions name nobody and nothing but items, in order, with the time of their end.

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
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from recommender.ml.blend import BlendRecommender, BlendWeights, default_blend
from recommender.ml.contract import NotFittedError, Session
from recommender.ml.data import ItemTable, SessionData
from recommender.ml.features import TextEncoder
from recommender.ml.gru4rec import EpochReport, GRU4Rec, GRU4RecConfig, GRU4RecRecommender

FORMAT_VERSION = 2
WEIGHTS, SESSIONS = "weights.safetensors", "sessions.safetensors"
ITEMS, MANIFEST = "items.json", "manifest.json"
FILES = (WEIGHTS, SESSIONS, ITEMS)
FEATURES, IDF, COMPONENTS = "content.features", "content.idf", "content.components"


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
    blend: dict[str, Any]  # see BlendWeights
    metrics: dict[str, Any]
    best_epoch: int
    curves: list[dict[str, Any]]
    files: dict[str, dict[str, Any]]  # name -> {"bytes", "sha256"}


@dataclass(frozen=True)
class SavedModel:
    """What a folder holds. `items` have no texts; `sessions` speak of the same items."""

    network: GRU4RecRecommender
    weights: BlendWeights
    sessions: SessionData
    items: ItemTable
    manifest: ArtifactManifest

    def blend(self, items: ItemTable, sessions: SessionData | None = None) -> BlendRecommender:
        """The blend over a vocabulary of today, which may have gained and lost items.

        The parts that count are fitted on the saved sessions, or on others in the vocabulary of
        `items`. Raises ArtifactError where the blend has a content part and no item has a text.
        """
        blend = default_blend(self.network.over(items), items)
        if [part.name for part in blend.parts] != self.weights.parts:
            raise ArtifactError(
                f"The model blends {', '.join(self.weights.parts)}; from this catalogue can be "
                f"made {', '.join(part.name for part in blend.parts)}."
            )
        if sessions is None:
            position = [items.index_of.get(item_id, -1) for item_id in self.items.ids]
            sessions = self.sessions.over(np.array(position, dtype=np.int64), len(items))
        return blend.fit_counting(sessions, items).adopt(self.weights)


def save(
    directory: Path,
    blend: BlendRecommender,
    sessions: SessionData,
    items: ItemTable,
    *,
    metrics: dict[str, Any],
    fingerprint: str,
) -> ArtifactManifest:
    """Write a blend and the sessions that its counting parts are to be fitted on to a new folder.

    Raises ArtifactError where the folder exists, the items are not the model's, or what was
    written does not load back to the same scores; NotFittedError where nothing was learned yet.
    """
    network, weights = _learned(blend)
    if directory.exists():
        raise ArtifactError(f"{directory} exists already: a saved model is never overwritten.")
    if items.ids != network.item_ids:
        raise ArtifactError("The item table is not the one that the model was trained on.")
    draft = directory.parent / f".{directory.name}.{uuid.uuid4().hex}"
    draft.mkdir(parents=True)
    try:
        manifest = _write(draft, network, weights, sessions, items, metrics, fingerprint)
        loaded = load(draft)
        _compare(network, loaded.network)
        if not np.array_equal(loaded.sessions.items, sessions.items):
            raise ArtifactError("The written sessions are not the ones that were given.")
        _sync_folder(draft)
        draft.rename(directory)
    except BaseException:  # whatever ended it, no half-written folder stays
        shutil.rmtree(draft, ignore_errors=True)
        raise
    _sync_folder(directory.parent)
    return manifest


def load(directory: Path) -> SavedModel:
    """Read and check a folder. Raises ArtifactError on any damage."""
    manifest = read_manifest(directory)
    for name in FILES:
        _check_file(directory / name, manifest.files.get(name))
    items = _read_items(directory / ITEMS)
    if len(items) != manifest.n_items:
        raise ArtifactError(
            f"{ITEMS} names {len(items)} items and {MANIFEST} speaks of {manifest.n_items}."
        )
    try:
        config = GRU4RecConfig.from_dict(manifest.config)
        weights = BlendWeights.from_dict(manifest.blend)
    except (ValueError, TypeError) as error:
        raise ArtifactError(f"The settings in {MANIFEST} are not understood: {error}") from error
    network, encoder = _network(directory, config, len(items))
    recommender = GRU4RecRecommender(config).adopt(network, items.ids, encoder)
    recommender.best_epoch = manifest.best_epoch
    recommender.curves = [EpochReport(**report) for report in manifest.curves]
    sessions = _read_sessions(directory / SESSIONS, len(items))
    return SavedModel(recommender, weights, sessions, items, manifest)


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


def _learned(blend: BlendRecommender) -> tuple[GRU4RecRecommender, BlendWeights]:
    networks = [part for part in blend.parts if isinstance(part, GRU4RecRecommender)]
    if len(networks) != 1:
        raise ArtifactError(f"A saved blend has one GRU4Rec in it, not {len(networks)}.")
    if blend.learned is None:
        raise NotFittedError("Learn the weights of the blend before saving it.")
    return networks[0], blend.learned


def _write(
    folder: Path,
    network: GRU4RecRecommender,
    weights: BlendWeights,
    sessions: SessionData,
    items: ItemTable,
    metrics: dict[str, Any],
    fingerprint: str,
) -> ArtifactManifest:
    save_file(_tensors(network), folder / WEIGHTS)
    save_file(
        {
            "items": torch.from_numpy(sessions.items.astype(np.int32)),
            "offsets": torch.from_numpy(sessions.offsets),
            "ends": torch.from_numpy(sessions.ends),
        },
        folder / SESSIONS,
    )
    _write_json(folder / ITEMS, {"ids": items.ids, "kinds": items.kinds})
    manifest = ArtifactManifest(
        format_version=FORMAT_VERSION,
        model="blend",
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        fingerprint=fingerprint,
        n_items=len(items),
        config=network.config.to_dict(),
        blend=weights.to_dict(),
        metrics=metrics,
        best_epoch=network.best_epoch,
        curves=[report.to_dict() for report in network.curves],
        files={name: _describe(folder / name) for name in FILES},
    )
    # Through JSON and back, because the reader's checksum is over what JSON makes of it.
    values = json.loads(_json_text(asdict(manifest)))
    _write_json(folder / MANIFEST, {**values, "checksum": _checksum_of_values(values)})
    for name in (*FILES, MANIFEST):
        _sync(folder / name)
    return manifest


def _tensors(model: GRU4RecRecommender) -> dict[str, Tensor]:
    """The network's weights; features and encoder in half precision, which their cosines bear."""
    tensors = {
        name: tensor.detach().cpu().contiguous()
        for name, tensor in model.network.state_dict().items()
    }
    features, encoder = model.network.features, model.encoder
    if features is not None and encoder is not None:
        idf, components = encoder.arrays
        tensors[FEATURES] = features.half()
        tensors[IDF] = torch.from_numpy(idf)
        tensors[COMPONENTS] = torch.from_numpy(components).half()
    return tensors


def _read_sessions(path: Path, n_items: int) -> SessionData:
    try:
        tensors = load_file(path)
        items = tensors["items"].numpy().astype(np.int64)
        sessions = SessionData(
            items,
            tensors["offsets"].numpy(),
            tensors["ends"].numpy(),
            np.full(len(items), np.nan, dtype=np.float32),
            n_items,
        )
        sessions.validate()
    except (SafetensorError, KeyError, ValueError) as error:
        raise ArtifactError(f"{path.name} does not hold sessions: {error}") from error
    return sessions


def _read_items(path: Path) -> ItemTable:
    values = _read_json(path)
    try:
        return ItemTable(values["ids"], values["kinds"], [""] * len(values["ids"]))
    except (KeyError, TypeError, ValueError) as error:
        raise ArtifactError(f"{path.name} does not list ids and kinds: {error}") from error


def _network(
    directory: Path, config: GRU4RecConfig, n_items: int
) -> tuple[GRU4Rec, TextEncoder | None]:
    try:
        tensors = load_file(directory / WEIGHTS)
    except SafetensorError as error:
        raise ArtifactError(f"{WEIGHTS} is not a safetensors file: {error}") from error
    rows = len(tensors.get("bias", ()))
    if rows != n_items:
        raise ArtifactError(
            f"The vocabulary has {n_items} items and {WEIGHTS} has weights for {rows}."
        )
    features, encoder = None, None
    try:
        if FEATURES in tensors:
            features = tensors.pop(FEATURES).float()
            idf, components = tensors.pop(IDF).numpy(), tensors.pop(COMPONENTS).float().numpy()
            encoder = TextEncoder(width=config.features).adopt(idf, components)
        network = GRU4Rec(config, n_items, features)
        network.load_state_dict(tensors)
    except (RuntimeError, KeyError, ValueError) as error:
        raise ArtifactError(f"{WEIGHTS} does not fit the saved settings: {error}") from error
    return network, encoder


def _compare(written: GRU4RecRecommender, loaded: GRU4RecRecommender) -> None:
    """Score a probe of seen items, and the empty session, with both."""
    seen = np.flatnonzero(written.seen)[:5]
    probe: list[Session] = [[], seen[:1], seen]
    ours, theirs = written.scores(probe), loaded.scores(probe)
    # Logits up to about 20, and features that were rounded to half precision.
    if not np.allclose(ours, theirs, rtol=1e-2, atol=2e-2):
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
