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
from recommender.ml.blend import BlendRecommender, default_blend, even_weights
from recommender.ml.contract import NotFittedError
from recommender.ml.data import ItemTable
from recommender.ml.gru4rec import GRU4RecConfig, GRU4RecRecommender
from recommender.ml.markov import MarkovRecommender
from recommender.tests.ml_cases import item_table, markov_sessions

METRICS = {"recall": {20: 0.5}, "note": "naïve"}
SMALL: dict[str, Any] = {
    "embedding_dim": 8,
    "hidden_dim": 8,
    "features": 8,
    "epochs": 2,
    "epoch_steps": 5,
}
DATA = markov_sessions(predictability=0.8, n_sessions=100)
PROBE: list[list[int]] = [[], [1], [2, 3, 4]]


def trained(config: GRU4RecConfig, items: ItemTable | None = None) -> BlendRecommender:
    """The blend that the site serves, learned on a few sessions."""
    torch.set_num_threads(1)
    items = items or item_table()
    learn, validation = DATA.split_by_time(0.2)
    network = GRU4RecRecommender(config).fit(learn, items)
    blend = default_blend(network, items).fit_counting(learn, items)
    return blend.learn_weights(validation).fit_counting(DATA, items)


def network_of(blend: BlendRecommender) -> GRU4RecRecommender:
    network = blend.parts[0]
    assert isinstance(network, GRU4RecRecommender)
    return network


@pytest.fixture(scope="module")
def model() -> BlendRecommender:
    return trained(GRU4RecConfig.default(**SMALL))


@pytest.fixture
def saved(model: BlendRecommender, tmp_path: Path) -> Path:
    folder = tmp_path / "models" / "v1"
    save(folder, model, metrics=METRICS, fingerprint="abc")
    return folder


def save(
    folder: Path,
    blend: BlendRecommender,
    items: ItemTable | None = None,
    *,
    metrics: dict[str, Any] | None = None,
    fingerprint: str = "",
) -> None:
    items = items or item_table()
    artifacts.save(folder, blend, DATA, items, metrics=metrics or {}, fingerprint=fingerprint)


def test_a_loaded_model_scores_like_the_trained_one(model: BlendRecommender, saved: Path) -> None:
    loaded = artifacts.load(saved)
    before = network_of(model)
    # The features travel in half precision.
    np.testing.assert_allclose(
        loaded.network.scores(PROBE), before.scores(PROBE), rtol=1e-2, atol=1e-2
    )
    np.testing.assert_allclose(
        np.exp(loaded.blend(item_table()).scores(PROBE)), np.exp(model.scores(PROBE)), atol=1e-3
    )
    assert loaded.items.ids == loaded.network.item_ids == item_table().ids
    assert loaded.items.kinds == item_table().kinds
    assert loaded.weights == model.learned
    assert loaded.network.config == before.config
    assert loaded.network.curves == before.curves
    assert loaded.network.best_epoch == before.best_epoch
    assert loaded.manifest.fingerprint == "abc"
    assert loaded.manifest.metrics == {"recall": {"20": 0.5}, "note": "naïve"}  # as JSON has it
    assert loaded.manifest.n_items == 60


def test_the_sessions_come_back_without_how_long_anybody_stayed(saved: Path) -> None:
    sessions = artifacts.load(saved).sessions
    np.testing.assert_array_equal(sessions.items, DATA.items)
    np.testing.assert_array_equal(sessions.offsets, DATA.offsets)
    np.testing.assert_array_equal(sessions.ends, DATA.ends)
    assert sessions.n_items == 60
    assert np.isnan(sessions.dwell).all()


def test_parts_that_count_are_exactly_as_before(model: BlendRecommender, saved: Path) -> None:
    again = artifacts.load(saved).blend(item_table())
    for before, after in zip(model.parts[1:], again.parts[1:], strict=True):
        np.testing.assert_array_equal(after.scores(PROBE), before.scores(PROBE))


def test_sessions_of_the_caller_s_take_the_place_of_the_saved_ones(
    model: BlendRecommender, saved: Path
) -> None:
    later = markov_sessions(predictability=0.8, n_sessions=50, seed=5)
    again = artifacts.load(saved).blend(item_table(), later)
    np.testing.assert_array_equal(again.counts, later.counts())
    assert again.learned == model.learned


def test_an_untied_model_with_a_wider_state_survives_too(tmp_path: Path) -> None:
    changes: dict[str, Any] = {"embedding_dim": 8, "hidden_dim": 12, "epochs": 1}
    classic = trained(GRU4RecConfig.classic(**changes))
    save(tmp_path / "v1", classic)
    loaded = artifacts.load(tmp_path / "v1")
    before, after = network_of(classic).network.state_dict(), loaded.network.network.state_dict()
    assert before.keys() == after.keys()
    assert all(torch.equal(after[name], before[name]) for name in before)
    # The same weights, but states may have been reached in one stride or step by step.
    np.testing.assert_allclose(
        loaded.blend(item_table()).scores(PROBE), classic.scores(PROBE), rtol=1e-4, atol=1e-5
    )


def test_only_safetensors_and_json_are_written(saved: Path) -> None:
    assert sorted(path.name for path in saved.iterdir()) == [
        "items.json",
        "manifest.json",
        "sessions.safetensors",
        "weights.safetensors",
    ]
    assert [path.name for path in saved.parent.iterdir()] == ["v1"]  # no draft is left


def test_a_saved_model_is_never_overwritten(model: BlendRecommender, saved: Path) -> None:
    with pytest.raises(ArtifactError, match="exists already"):
        save(saved, model)


def test_a_model_that_was_not_trained_is_not_saved(model: BlendRecommender, tmp_path: Path) -> None:
    without_weights = BlendRecommender(model.parts)
    with pytest.raises(NotFittedError, match="Learn the weights"):
        save(tmp_path / "v1", without_weights)
    untrained = BlendRecommender([GRU4RecRecommender(), *model.parts[1:]])
    assert model.learned is not None
    untrained.adopt(model.learned)
    with pytest.raises(NotFittedError, match="Fit the GRU4Rec"):
        artifacts.save(tmp_path / "v1", untrained, DATA, item_table(0), metrics={}, fingerprint="")
    assert list(tmp_path.iterdir()) == []


def test_items_of_another_model_are_refused(model: BlendRecommender, tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="not the one that the model was trained on"):
        save(tmp_path / "v1", model, item_table(61))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("metrics", [{"recall": float("nan")}, {"recall": {1, 2}}])
def test_metrics_that_are_not_json_are_refused_and_nothing_is_left(
    model: BlendRecommender, tmp_path: Path, metrics: dict[str, Any]
) -> None:
    with pytest.raises(ArtifactError, match="not plain JSON"):
        save(tmp_path / "v1", model, metrics=metrics)
    assert list(tmp_path.iterdir()) == []


def add_to_the_weights(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {name: tensor + 0.5 for name, tensor in tensors.items()} if "bias" in tensors else {}


def turn_the_sessions(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {**tensors, "items": tensors["items"].flip(0)} if "items" in tensors else {}


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (add_to_the_weights, "does not score like the trained one"),
        (turn_the_sessions, "not the ones that were given"),
    ],
)
def test_what_does_not_load_back_as_it_was_is_not_published(
    model: BlendRecommender,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    spoil: Callable[[dict[str, torch.Tensor]], dict[str, torch.Tensor]],
    sentence: str,
) -> None:
    def wrong(tensors: dict[str, torch.Tensor], path: Path) -> None:
        save_file(spoil(tensors) or tensors, path)

    monkeypatch.setattr(artifacts, "save_file", wrong)
    with pytest.raises(ArtifactError, match=sentence):
        save(tmp_path / "v1", model)
    assert list(tmp_path.iterdir()) == []


# A catalogue that has changed


def other_catalogue(*, texts: bool = True) -> ItemTable:
    """The newest items first, items 10 to 19 gone, and a new one of the first group."""
    old = item_table()
    kept = [number for number in range(59, -1, -1) if not 10 <= number < 20]
    words = [old.texts[number] for number in kept]
    return ItemTable(
        ids=["item_new", *(old.ids[number] for number in kept)],
        kinds=["movie", *(old.kinds[number] for number in kept)],
        texts=["harbour story of today", *words] if texts else [""] * (len(kept) + 1),
    )


def test_a_changed_catalogue_keeps_what_is_known_of_the_items_that_stayed(
    model: BlendRecommender, saved: Path
) -> None:
    today = other_catalogue()
    moved = artifacts.load(saved).blend(today)

    stayed = [item_id for item_id in today.ids if item_id != "item_new"]
    here = [today.index_of[item_id] for item_id in stayed]
    before = [item_table().index_of[item_id] for item_id in stayed]
    sessions = [["item_0"], ["item_2", "item_40"], ["item_59", "item_3", "item_4"]]
    asked_then = [[item_table().index_of[i] for i in ids] for ids in sessions]
    asked_now = [[today.index_of[i] for i in ids] for ids in sessions]
    np.testing.assert_allclose(
        network_of(moved).scores(asked_now)[:, here],
        network_of(model).scores(asked_then)[:, before],
        rtol=1e-2,
        atol=1e-2,
    )
    # What was counted of a pair of items that stayed is what a fit on today's items counts.
    position = np.full(60, -1)
    position[before] = here
    fresh = MarkovRecommender().fit(DATA.over(position, len(today)), today)
    counted = next(part for part in moved.parts if part.name == "markov")
    np.testing.assert_array_equal(counted.scores(asked_now), fresh.scores(asked_now))
    followed = next(part for part in model.parts if part.name == "markov")
    then = followed.scores(asked_then)[:, before]
    assert (then.argmax(axis=1) == counted.scores(asked_now)[:, here].argmax(axis=1)).all()


def test_a_new_item_is_scored_by_what_its_words_say(model: BlendRecommender, saved: Path) -> None:
    loaded = artifacts.load(saved)
    today = other_catalogue()
    moved = evenly_over(loaded, today)
    new = today.index_of["item_new"]

    found = moved.scores([[today.index_of["item_0"]], [today.index_of["item_1"]]])[:, new]

    assert np.isfinite(found).all()
    assert found[0] > found[1]  # item 0 is of the harbour too
    assert np.isfinite(network_of(moved).scores([[today.index_of["item_0"]]])[0, new])
    as_a_step = moved.scores([[new]])[0]
    assert np.isfinite(as_a_step).all()


def evenly_over(loaded: artifacts.SavedModel, items: ItemTable) -> BlendRecommender:
    """Each part with a say: what was learned on so few sessions may leave content out."""
    blend = loaded.blend(items)
    return blend.adopt(even_weights(blend))


def test_a_catalogue_without_texts_cannot_carry_a_blend_with_content(saved: Path) -> None:
    with pytest.raises(ArtifactError, match=r"blends .*content; from this catalogue can be made"):
        artifacts.load(saved).blend(other_catalogue(texts=False))


def test_a_model_of_items_without_texts_serves_and_is_refused_once_there_are_texts(
    tmp_path: Path,
) -> None:
    wordless = ItemTable(item_table().ids, item_table().kinds, [""] * 60)
    blend = trained(GRU4RecConfig.default(**SMALL), wordless)
    save(tmp_path / "v1", blend, wordless)

    loaded = artifacts.load(tmp_path / "v1")

    np.testing.assert_allclose(loaded.blend(wordless).scores(PROBE), blend.scores(PROBE), rtol=1e-5)
    with pytest.raises(ArtifactError, match=r"from this catalogue can be made .*content"):
        loaded.blend(item_table())


# Damage


def remove_weights(folder: Path) -> None:
    (folder / "weights.safetensors").unlink()


def remove_sessions(folder: Path) -> None:
    (folder / "sessions.safetensors").unlink()


def remove_items(folder: Path) -> None:
    (folder / "items.json").unlink()


def remove_manifest(folder: Path) -> None:
    (folder / "manifest.json").unlink()


def truncate_weights(folder: Path) -> None:
    path = folder / "weights.safetensors"
    path.write_bytes(path.read_bytes()[:-100])


def truncate_sessions(folder: Path) -> None:
    path = folder / "sessions.safetensors"
    path.write_bytes(path.read_bytes()[:-100])


def flip_a_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(bytes(content))


def flip_a_byte_of_the_weights(folder: Path) -> None:
    flip_a_byte(folder / "weights.safetensors")


def flip_a_byte_of_the_sessions(folder: Path) -> None:
    flip_a_byte(folder / "sessions.safetensors")


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
    for name in artifacts.FILES:
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


def claim_weights_of_other_parts(folder: Path) -> None:
    blend = json.loads((folder / "manifest.json").read_text())["blend"]
    rewrite_manifest(folder, blend={**blend, "parts": blend["parts"][:-1]})


def forget_the_sessions_in_the_manifest(folder: Path) -> None:
    path = folder / "manifest.json"
    rewrite_manifest(folder)
    values = json.loads(path.read_text())
    del values["checksum"], values["files"]["sessions.safetensors"]
    checksum = hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
    path.write_text(json.dumps({**values, "checksum": checksum}))


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


def rewrite_sessions(folder: Path, **changes: torch.Tensor) -> None:
    path = folder / "sessions.safetensors"
    save_file({**load_file(path), **changes}, path)
    rewrite_manifest(folder)


def write_sessions_of_an_item_that_is_not_there(folder: Path) -> None:
    items = load_file(folder / "sessions.safetensors")["items"]
    items[0] = 60
    rewrite_sessions(folder, items=items)


def write_offsets_beyond_the_events(folder: Path) -> None:
    offsets = load_file(folder / "sessions.safetensors")["offsets"]
    offsets[-1] += 5
    rewrite_sessions(folder, offsets=offsets)


def write_too_few_ends(folder: Path) -> None:
    ends = load_file(folder / "sessions.safetensors")["ends"]
    rewrite_sessions(folder, ends=ends[:-1].clone())


def write_items_as_a_table(folder: Path) -> None:
    items = load_file(folder / "sessions.safetensors")["items"]
    rewrite_sessions(folder, items=items.reshape(-1, 2))


def write_offsets_as_fractions(folder: Path) -> None:
    offsets = load_file(folder / "sessions.safetensors")["offsets"]
    rewrite_sessions(folder, offsets=offsets.double() + 0.25)


def lose_the_ends_of_the_sessions(folder: Path) -> None:
    path = folder / "sessions.safetensors"
    tensors = load_file(path)
    del tensors["ends"]
    save_file(tensors, path)
    rewrite_manifest(folder)


def write_something_else_as_sessions(folder: Path) -> None:
    (folder / "sessions.safetensors").write_bytes(b"not tensors")
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
        (remove_sessions, "sessions.safetensors is missing"),
        (remove_items, "items.json is missing"),
        (remove_manifest, "manifest.json is missing"),
        (truncate_weights, "weights.safetensors is truncated: "),
        (truncate_sessions, "sessions.safetensors is truncated: "),
        (flip_a_byte_of_the_weights, "weights.safetensors was changed"),
        (flip_a_byte_of_the_sessions, "sessions.safetensors was changed"),
        (rename_an_item, "items.json was changed"),
        (truncate_manifest, "manifest.json is not readable JSON"),
        (edit_a_metric, "manifest.json was changed"),
        (claim_another_format, "format 99; this version reads format 2"),
        (claim_a_setting_that_does_not_exist, "no setting named attention_heads"),
        (claim_an_entry_that_does_not_exist, "one too many"),
        (claim_another_width, "does not fit the saved settings"),
        (claim_weights_of_other_parts, "do not have one entry a part and context"),
        (forget_the_sessions_in_the_manifest, "does not list sessions.safetensors"),
        (forget_an_item, "items.json names 59 items and manifest.json speaks of 60"),
        (forget_an_item_everywhere_but_in_the_weights, "59 items and .* weights for 60"),
        (write_something_else_as_weights, "not a safetensors file"),
        (lose_a_tensor, "does not fit the saved settings"),
        (write_sessions_of_an_item_that_is_not_there, "does not hold sessions: .* out of range"),
        (write_offsets_beyond_the_events, "does not hold sessions: The offsets"),
        (write_too_few_ends, "does not hold sessions: .* end times"),
        (write_items_as_a_table, "does not hold sessions"),
        (write_offsets_as_fractions, "does not hold sessions"),
        (lose_the_ends_of_the_sessions, "does not hold sessions: 'ends'"),
        (write_something_else_as_sessions, "sessions.safetensors does not hold sessions"),
    ],
)
def test_a_damaged_model_is_refused_with_a_sentence(
    saved: Path, damage: Callable[[Path], None], sentence: str
) -> None:
    damage(saved)
    with pytest.raises(ArtifactError, match=sentence):
        artifacts.load(saved)
