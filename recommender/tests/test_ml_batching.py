"""Windows, packing, and the losses that read them."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import Tensor

from recommender.ml.batching import Windows, dwell_weights, pack_sessions, recency_weights
from recommender.ml.data import SessionData
from recommender.ml.losses import (
    Negatives,
    NegativeSampler,
    sampled_softmax_loss,
    softmax_loss,
)
from recommender.ml.network import ByteDropout


def pairs(windows: Windows, **sizes: int) -> list[tuple[int, int]]:
    """Every (input, target) of one shuffled pass, sorted."""
    order = torch.Generator().manual_seed(0)
    found: list[tuple[int, int]] = []
    for batch in windows.shuffled(order, **sizes):
        found += zip(batch.inputs.tolist(), batch.targets.tolist(), strict=True)
    return sorted(found)


def test_a_batch_is_packed_step_by_step_longest_first() -> None:
    data = SessionData.from_sequences([[1, 2], [3, 4, 5, 6], [7, 8, 9]], n_items=10)
    batch = Windows(data, 50).batch(np.array([0, 1, 2]))
    assert batch.inputs.tolist() == [3, 7, 1, 4, 8, 5]
    assert batch.targets.tolist() == [4, 8, 2, 5, 9, 6]
    assert batch.batch_sizes.tolist() == [3, 2, 1]


@pytest.mark.parametrize(
    "sizes", [{"sequences": 3, "positions": 0}, {"sequences": 0, "positions": 7}]
)
def test_one_pass_predicts_every_event_but_the_first_exactly_once(sizes: dict[str, int]) -> None:
    rng = np.random.default_rng(0)
    sequences = [rng.integers(30, size=rng.integers(0, 12)).tolist() for _ in range(40)]
    data = SessionData.from_sequences(sequences, n_items=30)
    expected = sorted(pair for s in sequences for pair in pairwise(s))
    assert pairs(Windows(data, max_length=4), **sizes) == expected
    assert Windows(data, max_length=4).n_positions == len(expected)


def test_a_long_session_is_cut_so_that_no_event_is_lost() -> None:
    windows = Windows(SessionData.from_sequences([list(range(8))], n_items=8), max_length=3)
    assert [windows.batch(np.array([i])).inputs.tolist() for i in range(3)] == [
        [0, 1, 2],
        [3, 4, 5],
        [6],
    ]
    assert windows.batch(np.array([2])).targets.tolist() == [7]


def test_batches_by_positions_are_of_about_that_size_and_of_like_length() -> None:
    rng = np.random.default_rng(1)
    sequences = [[0] * int(rng.integers(2, 20)) for _ in range(500)]
    windows = Windows(SessionData.from_sequences(sequences, n_items=1), max_length=50)
    sizes = [
        (len(batch.targets), len(batch.batch_sizes) * int(batch.batch_sizes[0]))
        for batch in windows.shuffled(torch.Generator().manual_seed(0), sequences=0, positions=200)
    ]
    assert max(size for size, _ in sizes) < 200 + 19
    padded = sum(area for _, area in sizes)
    assert padded < 1.1 * windows.n_positions  # padding would hardly waste a thing


def test_two_passes_of_one_generator_differ_and_of_two_alike_do_not() -> None:
    data = SessionData.from_sequences([[i, i] for i in range(50)], n_items=50)
    windows = Windows(data, 50)

    def one_pass(order: torch.Generator) -> list[int]:
        batches = windows.shuffled(order, sequences=50, positions=0)
        return [item for batch in batches for item in batch.inputs.tolist()]

    order = torch.Generator().manual_seed(0)
    first, second = one_pass(order), one_pass(order)
    assert first != second
    assert first == one_pass(torch.Generator().manual_seed(0))


def test_sessions_to_score_are_packed_with_their_rows() -> None:
    inputs, batch_sizes, order = pack_sessions([[1], [2, 3, 4], [5, 6]], max_length=2)
    assert order.tolist() == [1, 2, 0]
    assert inputs.tolist() == [3, 5, 1, 4, 6]
    assert batch_sizes.tolist() == [3, 2]


def test_an_old_session_weighs_less() -> None:
    weights = recency_weights(np.array([0, 50, 100]), 0.5)
    assert weights.tolist() == pytest.approx([np.exp(-2), np.exp(-1), 1.0])
    assert recency_weights(np.array([7, 7]), 0.5).tolist() == [1.0, 1.0]

    data = SessionData.from_sequences([[0, 1], [1, 2]], ends=[0, 100], n_items=3)
    batch = Windows(data, 50, recency=0.5).batch(np.array([0, 1]))
    assert batch.weights.tolist() == pytest.approx([np.exp(-2), 1.0])


def test_dwell_weighs_a_target_against_the_median_within_bounds() -> None:
    dwell = np.array([10.0, 40.0, 20.0, np.nan, 0.0, 9000.0, 0.01], dtype=np.float32)
    # The median of the known, positive times 10, 40, 20, 9000, 0.01 is 20.
    expected = [0.5, 2.0, 1.0, 1.0, 1.0, 4.0, 0.25]
    assert dwell_weights(dwell, power=1.0).tolist() == pytest.approx(expected)
    assert dwell_weights(dwell, power=0.0).tolist() == [1.0] * 7


def test_the_weight_of_a_prediction_is_that_of_its_target() -> None:
    data = SessionData.from_sequences([[0, 1, 2]], dwell=[[10.0, 20.0, 40.0]], n_items=3)
    batch = Windows(data, 50, dwell_power=1.0).batch(np.array([0]))
    assert batch.weights.tolist() == [1.0, 2.0]


def test_negatives_are_drawn_by_popularity_to_a_power_and_never_unseen() -> None:
    counts = torch.tensor([16.0, 0.0, 4.0, 1.0])
    order = torch.Generator().manual_seed(0)
    sampler = NegativeSampler(counts, power=0.5, draws=70_000, order=order)
    drawn = sampler.draw()
    assert drawn.items.tolist() == [0, 2, 3]
    # Expected 40,000, 20,000 and 10,000 draws: times / expected is 1 within three errors.
    torch.testing.assert_close(drawn.log_correction, torch.zeros(3), atol=0.03, rtol=0)


def test_the_sampled_loss_aims_at_the_whole_softmax() -> None:
    generator = torch.Generator().manual_seed(0)
    states = torch.randn(40, 8, generator=generator)
    weight = torch.randn(300, 8, generator=generator) * 0.3
    bias = torch.randn(300, generator=generator) * 0.3
    targets = torch.randint(300, (40,), generator=generator)
    counts = torch.rand(300, generator=generator) + 0.05
    sampler = NegativeSampler(counts, power=0.5, draws=200_000, order=generator)
    drawn = sampler.draw()
    sampled = sampled_softmax_loss(
        states, targets, weight[targets], weight[drawn.items], bias, drawn
    )
    whole = softmax_loss(states, targets, weight, bias)
    torch.testing.assert_close(sampled, whole, atol=0.03, rtol=0)


def test_a_target_drawn_as_a_negative_does_not_count_against_itself() -> None:
    states, weight = torch.ones(2, 1), torch.tensor([[0.5], [2.0], [-1.0]])
    targets, bias = torch.tensor([0, 1]), torch.zeros(3)
    drawn = Negatives(torch.tensor([0, 2]), torch.zeros(2))
    found = sampled_softmax_loss(states, targets, weight[targets], weight[drawn.items], bias, drawn)
    expected = [
        -0.5 + np.log(np.exp(0.5) + np.exp(-1.0)),  # 0 is right, of the negatives only 2 counts
        -2.0 + np.log(np.exp(2.0) + np.exp(0.5) + np.exp(-1.0)),
    ]
    assert found.tolist() == pytest.approx(expected)


def test_the_gradient_of_the_sampled_loss_is_that_of_the_masked_softmax() -> None:
    weight = torch.tensor([[0.5], [2.0], [-1.0]], requires_grad=True)
    targets, bias = torch.tensor([0]), torch.zeros(3)
    drawn = Negatives(torch.tensor([0, 2]), torch.zeros(2))
    rows = (weight[targets], weight[drawn.items])
    sampled_softmax_loss(torch.ones(1, 1), targets, *rows, bias, drawn).sum().backward()
    right = np.exp(0.5) / (np.exp(0.5) + np.exp(-1.0))
    assert weight.grad is not None
    assert weight.grad[:, 0].tolist() == pytest.approx([right - 1, 0.0, 1 - right])


def test_the_written_out_gradient_is_the_automatic_one() -> None:
    order = torch.Generator().manual_seed(3)
    shapes = {"states": (6, 4), "right": (6, 4), "wrong": (5, 4), "bias": (9,)}
    values = {
        name: torch.randn(shape, generator=order, dtype=torch.float64)
        for name, shape in shapes.items()
    }
    targets = torch.tensor([0, 2, 8, 3, 2, 7])
    drawn = Negatives(torch.tensor([1, 2, 3, 5, 8]), torch.linspace(-1, 1, 5).double())
    weights = torch.rand(6, generator=order, dtype=torch.float64)

    def automatic(states: Tensor, right: Tensor, wrong: Tensor, bias: Tensor) -> Tensor:
        own = (states * right).sum(dim=1) + bias[targets]
        others = states @ wrong.T + bias[drawn.items] + drawn.log_correction
        others = others.masked_fill(drawn.items == targets[:, None], -torch.inf)
        return torch.cat([own[:, None], others], dim=1).logsumexp(dim=1) - own

    def written(states: Tensor, right: Tensor, wrong: Tensor, bias: Tensor) -> Tensor:
        return sampled_softmax_loss(states, targets, right, wrong, bias, drawn)

    found = {}
    for name, loss in (("automatic", automatic), ("written", written)):
        leaves = [value.clone().requires_grad_() for value in values.values()]
        losses = loss(*leaves)
        (losses * weights).sum().backward()
        found[name] = [losses.detach(), *(leaf.grad for leaf in leaves)]
    for own, expected in zip(found["written"], found["automatic"], strict=True):
        torch.testing.assert_close(own, expected)


def test_dropout_leaves_the_mean_and_draws_by_the_seed() -> None:
    dropout, ones = ByteDropout(0.3), torch.ones(333, 301)
    torch.manual_seed(1)
    first = dropout(ones)
    torch.manual_seed(1)
    assert torch.equal(dropout(ones), first)
    assert not torch.equal(dropout(ones), first)
    assert first.mean().item() == pytest.approx(1, abs=0.01)
    assert (first == 0).float().mean().item() == pytest.approx(77 / 256, abs=0.01)
    assert dropout.eval()(ones) is ones
