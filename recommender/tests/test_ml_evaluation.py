"""The judge, by hand."""

import math

import numpy as np
import pytest

from recommender.ml.data import SessionData
from recommender.ml.evaluation import evaluate, popularity_percentile, self_overlap
from recommender.tests.ml_cases import FixedScores

# Five items; kinds m m b b b. Three sessions, four examples (prefix -> target):
#   [0] -> 1          m -> m
#   [0, 1] -> 3       m -> b, crosses
#   [2] -> 4          b -> b
#   [4] -> 0          b -> m, crosses
HOLDOUT = SessionData.from_sequences([[0, 1, 3], [2, 4], [4, 0]], n_items=5)
KINDS = ["m", "m", "b", "b", "b"]
ROWS = [
    [0.1, 0.9, 0.3, 0.2, 0.0],  # target 1 ranks 1; top two 1, 2
    [0.9, 0.5, 0.1, 0.5, 0.2],  # target 3 ties with 1 behind 0: rank 3; top two 0 and (1 or 3)
    [0.4, 0.1, 0.9, 0.0, 0.5],  # target 4 ranks 2; top two 2, 4
    [-np.inf, 0.1, 0.2, 0.3, 0.4],  # target 0 has no score: a miss at any K; top two 4, 3
]


def test_each_metric_at_2_is_what_the_hand_gives() -> None:
    model = FixedScores(ROWS)
    report = evaluate(model, HOLDOUT, ks=(2,))
    assert model.asked == [[0], [0, 1], [2], [4]]
    assert report.n_examples == 4
    found = report.at[2]
    # Ranks 1, 3, 2, none: hits at 2 are the first and the third example.
    assert found.recall == pytest.approx(2 / 4)
    assert found.mrr == pytest.approx((1 / 1 + 1 / 2) / 4)
    assert found.ndcg == pytest.approx((1 / math.log2(2) + 1 / math.log2(3)) / 4)
    assert found.precision == pytest.approx(0.5 / 2)
    # Per example: precision 1/2 and recall 1 give F1 = 2/3; twice of four.
    assert found.f1 == pytest.approx((2 / 3 + 2 / 3) / 4)
    # The top twos hold 1 2, 0 (1|3), 2 4, 4 3: all five items.
    assert found.coverage == pytest.approx(5 / 5)
    assert found.popularity is None


def test_metrics_at_each_k_come_from_the_same_ranking() -> None:
    report = evaluate(FixedScores(ROWS), HOLDOUT, ks=(5, 1, 3))
    assert list(report.at) == [1, 3, 5]
    assert [report.at[k].recall for k in (1, 3, 5)] == pytest.approx([0.25, 0.75, 0.75])
    assert report.at[5].mrr == pytest.approx((1 + 1 / 3 + 1 / 2) / 4)
    # The first places hold 1, 0, 2, 4.
    assert report.at[1].coverage == pytest.approx(4 / 5)


def test_the_report_is_split_by_the_kind_of_the_target_and_where_the_kind_changes() -> None:
    report = evaluate(FixedScores(ROWS), HOLDOUT, kinds=KINDS, ks=(2, 3))
    assert set(report.per_kind) == {"b", "m"}
    assert report.per_kind["m"].n_examples == 2  # ranks 1 and none
    assert report.per_kind["m"].at[3].mrr == pytest.approx(1 / 2)
    assert report.per_kind["b"].n_examples == 2  # ranks 3 and 2
    assert report.per_kind["b"].at[3].mrr == pytest.approx((1 / 3 + 1 / 2) / 2)
    assert report.cross_kind is not None
    assert report.cross_kind.n_examples == 2  # ranks 3 and none
    assert report.cross_kind.at[2].recall == 0.0
    assert report.cross_kind.at[3].recall == pytest.approx(1 / 2)


def test_without_a_change_of_kind_there_is_no_cross_report() -> None:
    assert evaluate(FixedScores(ROWS), HOLDOUT, kinds=["m"] * 5).cross_kind is None


def test_scores_all_alike_rank_the_target_last() -> None:
    report = evaluate(FixedScores(np.zeros((4, 5)).tolist()), HOLDOUT, ks=(4, 5))
    assert report.at[4].recall == 0.0
    assert report.at[5].mrr == pytest.approx(1 / 5)


def test_a_target_without_a_score_is_a_miss_even_where_k_is_the_vocabulary() -> None:
    nothing = FixedScores(np.full((4, 5), -np.inf).tolist())
    found = evaluate(nothing, HOLDOUT, ks=(5, 20), train_popularity=np.arange(5))
    assert found.at[20].recall == 0.0
    assert found.at[20].coverage == 0.0  # what has no score is not recommended
    assert found.at[20].popularity is None


def test_items_of_the_prefix_can_be_left_out() -> None:
    repeats = SessionData.from_sequences([[0, 0], [0, 1]], n_items=3)
    rows = [[0.9, 0.5, 0.1], [0.9, 0.5, 0.1]]
    kept = evaluate(FixedScores(rows), repeats, ks=(1,))
    left_out = evaluate(FixedScores(rows), repeats, ks=(1,), exclude_seen=True)
    assert kept.at[1].recall == pytest.approx(1 / 2)  # 0 -> 0 is right, 0 -> 1 ranks second
    assert left_out.at[1].recall == pytest.approx(1 / 2)  # now 1 is first, and 0 cannot be
    # A model that always says 0: right without the rule, nowhere with it.
    zero = [[0.9, -np.inf, -np.inf]] * 2
    assert evaluate(FixedScores(zero), repeats, ks=(3,)).at[3].recall == pytest.approx(1 / 2)
    nowhere = evaluate(FixedScores(zero), repeats, ks=(3,), exclude_seen=True)
    assert nowhere.at[3].recall == 0.0
    assert nowhere.at[3].coverage == 0.0


def test_popularity_is_the_mean_percentile_of_what_was_recommended() -> None:
    # Counts 5 1 1 0 9: item 3 stands at the middle of the lowest fifth, 1 and 2 share the next two.
    counts = np.array([5, 1, 1, 0, 9])
    assert popularity_percentile(counts).tolist() == pytest.approx([0.7, 0.4, 0.4, 0.1, 0.9])
    report = evaluate(FixedScores(ROWS), HOLDOUT, ks=(1,), train_popularity=counts)
    # First places 1, 0, 2, 4.
    assert report.at[1].popularity == pytest.approx((0.4 + 0.7 + 0.4 + 0.9) / 4)


@pytest.mark.parametrize("batch", [1, 3, 100])
def test_the_size_of_a_batch_changes_nothing(batch: int) -> None:
    whole = evaluate(FixedScores(ROWS), HOLDOUT, kinds=KINDS)
    assert evaluate(FixedScores(ROWS), HOLDOUT, kinds=KINDS, batch=batch) == whole


def test_the_report_becomes_plain_json_values() -> None:
    values = evaluate(FixedScores(ROWS), HOLDOUT, kinds=KINDS, ks=(2,)).to_dict()
    assert values["n_examples"] == 4
    assert values["at"]["2"]["recall"] == 0.5
    assert values["per_kind"]["m"]["n_examples"] == 2
    assert values["cross_kind"]["cross_kind"] is None


def test_a_holdout_without_a_pair_is_refused() -> None:
    with pytest.raises(ValueError, match="no session of two events"):
        evaluate(FixedScores([]), SessionData.from_sequences([[0], []], n_items=5))


def test_a_score_that_is_not_a_number_is_refused() -> None:
    with pytest.raises(ValueError, match="not a number"):
        evaluate(FixedScores([[np.nan] * 5] * 4), HOLDOUT)


def test_a_cut_off_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        evaluate(FixedScores(ROWS), HOLDOUT, ks=(0,))


def test_self_overlap_counts_the_session_s_own_items_in_its_top() -> None:
    # Session 0 1 3: the top two of row 0 are 1 2, one of its three items.
    # Session 2 4: the top two of the next row are 0 4, one of its two items.
    # Session 4 0: the top two of the last are 2 1, none.
    rows = [[0.1, 0.9, 0.3, 0.2, 0.0], [0.9, 0.1, 0.2, 0.3, 0.8], [0.0, 0.5, 0.6, 0.1, 0.2]]
    found = self_overlap(FixedScores(rows), HOLDOUT, k=2)
    assert found["precision"] == pytest.approx((1 / 2 + 1 / 2 + 0) / 3)
    assert found["recall"] == pytest.approx((1 / 3 + 1 / 2 + 0) / 3)
    # F1 = 2 * found / (k + own items): 2/5, 2/4, 0.
    assert found["f1"] == pytest.approx((2 / 5 + 2 / 4 + 0) / 3)


def test_self_overlap_needs_a_session_of_two_events() -> None:
    with pytest.raises(ValueError, match="nothing to compare"):
        self_overlap(FixedScores([]), SessionData.from_sequences([[0]], n_items=5))
