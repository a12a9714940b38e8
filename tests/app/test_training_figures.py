"""The charts of trainings and of two versions draw what they are given."""

import pandas as pd
import pytest

from app.figures.curves import FEW, course_lines
from app.figures.intervals import VersionMetrics, interval_points, version_points
from app.figures.palette import LIGHT
from app.model_quality import metric_values


def test_a_course_is_a_line_each_over_the_epochs():
    frame = pd.DataFrame({"items": [2.0, 1.5], "participants": [3.0, 2.0]}, index=[0.5, 1.0])
    figure = course_lines(frame, "Epoch", "Loss", LIGHT)
    assert [line.name for line in figure.data] == ["items", "participants"]
    assert list(figure.data[1].x) == [0.5, 1.0]
    assert list(figure.data[1].y) == [3.0, 2.0]
    assert figure.layout.yaxis.title.text == "Loss"


def test_many_points_are_a_plain_line():
    frame = pd.DataFrame({"items": range(FEW + 1)})
    assert course_lines(frame, "Epoch", "Loss", LIGHT).data[0].mode == "lines"


def test_two_versions_stand_beside_each_other_with_their_intervals():
    new = VersionMetrics("v2", [0.5, None], [0.4, None], [0.7, None])
    old = VersionMetrics("v1", [0.3, 0.2], [0.25, None], [0.35, None])
    figure = version_points("items", ["MRR@10", "NDCG@10"], new, old, "Value", LIGHT)
    above, below = figure.data
    assert (above.name, list(above.x), below.name, list(below.x)) == ("v2", [0.5], "v1", [0.3, 0.2])
    assert above.error_x.array == pytest.approx([0.2])
    assert above.error_x.arrayminus == pytest.approx([0.1])
    assert below.error_x.array == pytest.approx([0.05, 0.0])  # a figure without an interval
    assert above.y[0] < below.y[0]  # the new version above, on an axis that runs downwards
    assert list(figure.layout.yaxis.ticktext) == ["MRR@10", "NDCG@10"]


def test_a_diamond_stands_where_a_list_by_sales_would_if_that_is_known():
    figure = {"value": 0.5, "low": 0.4, "high": 0.7}
    metrics = {"items/mrr@10": figure | {"popularity": 0.3}, "items/ndcg@10": figure}
    drawn = interval_points("items", metric_values(metrics), "Value", "By sales", LIGHT)
    points, diamonds = drawn.data
    assert (list(points.y), list(points.x)) == (["MRR@10", "NDCG@10"], [0.5, 0.5])
    assert (list(diamonds.y), list(diamonds.x)) == (["MRR@10"], [0.3])
    older = interval_points("items", metric_values({"items/mrr@10": figure}), "Value", "", LIGHT)
    assert len(older.data) == 1
