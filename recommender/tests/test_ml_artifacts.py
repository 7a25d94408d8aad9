"""Saved models: what was written loads, what was damaged is refused with a sentence."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from recommender.ml import artifacts
from recommender.ml.artifacts import ArtifactError
from recommender.ml.contract import NotFittedError
from recommender.ml.gru4rec import GRU4RecConfig, GRU4RecRecommender
from recommender.tests.ml_cases import item_table, markov_sessions

METRICS = {"recall": {20: 0.5}, "note": "naïve"}


def train(config: GRU4RecConfig) -> GRU4RecRecommender:
    torch.set_num_threads(1)
    data = markov_sessions(predictability=0.8, n_sessions=100)
    return GRU4RecRecommender(config).fit(data, item_table())


@pytest.fixture(scope="module")
def model() -> GRU4RecRecommender:
    return train(GRU4RecConfig.default(embedding_dim=8, hidden_dim=8, epochs=2, epoch_steps=5))


@pytest.fixture
def saved(model: GRU4RecRecommender, tmp_path: Path) -> Path:
    folder = tmp_path / "models" / "v1"
    artifacts.save(folder, model, item_table(), metrics=METRICS, fingerprint="abc")
    return folder


def test_a_loaded_model_scores_like_the_trained_one(model: GRU4RecRecommender, saved: Path) -> None:
    loaded, items, manifest = artifacts.load(saved)
    sessions = [[], [1], [2, 3, 4]]
    np.testing.assert_array_equal(loaded.scores(sessions), model.scores(sessions))
    assert items.ids == loaded.item_ids == item_table().ids
    assert items.kinds == item_table().kinds
    assert loaded.config == model.config
    assert loaded.curves == model.curves
    assert loaded.best_epoch == model.best_epoch
    assert manifest.fingerprint == "abc"
    assert manifest.metrics == {"recall": {"20": 0.5}, "note": "naïve"}  # as JSON has it
    assert manifest.n_items == 60


def test_an_untied_model_with_a_wider_state_survives_too(tmp_path: Path) -> None:
    changes: dict[str, Any] = {"embedding_dim": 8, "hidden_dim": 12, "epochs": 1}
    classic = train(GRU4RecConfig.classic(**changes))
    artifacts.save(tmp_path / "v1", classic, item_table(), metrics={}, fingerprint="")
    loaded = artifacts.load(tmp_path / "v1")[0]
    np.testing.assert_array_equal(loaded.scores([[5, 6]]), classic.scores([[5, 6]]))


def test_only_safetensors_and_json_are_written(saved: Path) -> None:
    assert sorted(path.name for path in saved.iterdir()) == [
        "items.json",
        "manifest.json",
        "weights.safetensors",
    ]
    assert [path.name for path in saved.parent.iterdir()] == ["v1"]  # no draft is left


def test_a_saved_model_is_never_overwritten(model: GRU4RecRecommender, saved: Path) -> None:
    with pytest.raises(ArtifactError, match="exists already"):
        artifacts.save(saved, model, item_table(), metrics={}, fingerprint="")


def test_a_model_that_was_not_trained_is_not_saved(tmp_path: Path) -> None:
    table = item_table(0)
    with pytest.raises(NotFittedError):
        artifacts.save(tmp_path / "v1", GRU4RecRecommender(), table, metrics={}, fingerprint="")
    assert list(tmp_path.iterdir()) == []


def test_items_of_another_model_are_refused(model: GRU4RecRecommender, tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="not the one that the model was trained on"):
        artifacts.save(tmp_path / "v1", model, item_table(61), metrics={}, fingerprint="")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("metrics", [{"recall": float("nan")}, {"recall": {1, 2}}])
def test_metrics_that_are_not_json_are_refused_and_nothing_is_left(
    model: GRU4RecRecommender, tmp_path: Path, metrics: dict[str, Any]
) -> None:
    with pytest.raises(ArtifactError, match="not plain JSON"):
        artifacts.save(tmp_path / "v1", model, item_table(), metrics=metrics, fingerprint="")
    assert list(tmp_path.iterdir()) == []


def test_what_does_not_load_back_to_the_same_scores_is_not_published(
    model: GRU4RecRecommender, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong(tensors: dict[str, torch.Tensor], path: Path) -> None:
        save_file({name: tensor + 0.5 for name, tensor in tensors.items()}, path)

    monkeypatch.setattr(artifacts, "save_file", wrong)
    with pytest.raises(ArtifactError, match="does not score like the trained one"):
        artifacts.save(tmp_path / "v1", model, item_table(), metrics={}, fingerprint="")
    assert list(tmp_path.iterdir()) == []


# Damage


def remove_weights(folder: Path) -> None:
    (folder / "weights.safetensors").unlink()


def remove_items(folder: Path) -> None:
    (folder / "items.json").unlink()


def remove_manifest(folder: Path) -> None:
    (folder / "manifest.json").unlink()


def truncate_weights(folder: Path) -> None:
    path = folder / "weights.safetensors"
    path.write_bytes(path.read_bytes()[:-100])


def flip_a_byte_of_the_weights(folder: Path) -> None:
    path = folder / "weights.safetensors"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(bytes(content))


def rename_an_item(folder: Path) -> None:
    path = folder / "items.json"
    path.write_text(path.read_text().replace("item_7", "item_x"))


def truncate_manifest(folder: Path) -> None:
    path = folder / "manifest.json"
    path.write_text(path.read_text()[:-20])


def edit_a_metric(folder: Path) -> None:
    path = folder / "manifest.json"
    path.write_text(path.read_text().replace("0.5", "0.9"))


def rewrite_manifest(folder: Path, **changes: Any) -> None:
    """Change the manifest as a faulty writer would: its own checksums match."""
    path = folder / "manifest.json"
    values = {**json.loads(path.read_text()), **changes}
    del values["checksum"]
    for name in ("weights.safetensors", "items.json"):
        content = (folder / name).read_bytes()
        checksum = hashlib.sha256(content).hexdigest()
        values["files"][name] = {"bytes": len(content), "sha256": checksum}
    checksum = hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
    path.write_text(json.dumps({**values, "checksum": checksum}))


def claim_another_format(folder: Path) -> None:
    rewrite_manifest(folder, format_version=99)


def claim_a_setting_that_does_not_exist(folder: Path) -> None:
    rewrite_manifest(folder, config={"attention_heads": 8})


def claim_an_entry_that_does_not_exist(folder: Path) -> None:
    rewrite_manifest(folder, colour="blue")


def claim_another_width(folder: Path) -> None:
    config = json.loads((folder / "manifest.json").read_text())["config"]
    rewrite_manifest(folder, config={**config, "embedding_dim": 9})


def forget_an_item(folder: Path) -> None:
    path = folder / "items.json"
    values = json.loads(path.read_text())
    path.write_text(json.dumps({name: entries[:-1] for name, entries in values.items()}))
    rewrite_manifest(folder)


def forget_an_item_everywhere_but_in_the_weights(folder: Path) -> None:
    forget_an_item(folder)
    rewrite_manifest(folder, n_items=59)


def write_something_else_as_weights(folder: Path) -> None:
    (folder / "weights.safetensors").write_bytes(b"not tensors")
    rewrite_manifest(folder)


def lose_a_tensor(folder: Path) -> None:
    path = folder / "weights.safetensors"
    tensors = load_file(path)
    del tensors["gru.weight_hh_l0"]
    save_file(tensors, path)
    rewrite_manifest(folder)


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (remove_weights, "weights.safetensors is missing"),
        (remove_items, "items.json is missing"),
        (remove_manifest, "manifest.json is missing"),
        (truncate_weights, "weights.safetensors is truncated: "),
        (flip_a_byte_of_the_weights, "weights.safetensors was changed"),
        (rename_an_item, "items.json was changed"),
        (truncate_manifest, "manifest.json is not readable JSON"),
        (edit_a_metric, "manifest.json was changed"),
        (claim_another_format, "format 99; this version reads format 1"),
        (claim_a_setting_that_does_not_exist, "no setting named attention_heads"),
        (claim_an_entry_that_does_not_exist, "one too many"),
        (claim_another_width, "does not fit the saved settings"),
        (forget_an_item, "items.json names 59 items and manifest.json speaks of 60"),
        (forget_an_item_everywhere_but_in_the_weights, "59 items and .* weights for 60"),
        (write_something_else_as_weights, "not a safetensors file"),
        (lose_a_tensor, "does not fit the saved settings"),
    ],
)
def test_a_damaged_model_is_refused_with_a_sentence(
    saved: Path, damage: Callable[[Path], None], sentence: str
) -> None:
    damage(saved)
    with pytest.raises(ArtifactError, match=sentence):
        artifacts.load(saved)
