"""The Evaluation page, on results as the benchmark writes them."""

import pytest
from benchmark_files import differences, full_run, printed, run, sweep, write
from page_words import english, said

from app.text import catalogue


@pytest.fixture
def measured(results):
    """A folder of results: two draws, a full ranking, the paper and a sweep."""
    rows = run("popularity", 0.6) + run("als", 0.55, adaptation="Task II: as recorded.")
    rows += run("mamgbr", 0.7) + run("mamgbr", 0.72, seed=1) + run("popularity", 0.6, seed=1)
    rows += full_run("popularity", 0.01, 8.0) + full_run("mamgbr", 0.3, 4.0)
    write(results / "results.json", rows)
    write(results / "leads.json", differences("popularity", 0.1) + differences("als", 0.15))
    write(results / "paper.json", printed("MAMGBR", 0.77, impossible=True))
    write(results / "sweep-heads.json", sweep("heads", {"1": 0.4, "4": 0.5, "8": 0.49}))
    return results


def table(test, column):
    """The first table that has this column."""
    return next(frame.value for frame in test.dataframe if column in frame.value.columns)


def test_without_results_the_page_says_what_to_run(visit, trained):
    text = said(visit(trained, "evaluation"))
    assert english("benchmark.none") in text
    assert "python -m train benchmark" in text
    assert english("sweeps.none") in text
    assert "python -m train sweep" in text
    assert english("reliability.title") in text  # the serving model's own figures stay


def test_systems_stand_best_first_under_names_that_people_read(visit, trained, measured):
    test = visit(trained, "evaluation")
    text = said(test)
    frame = table(test, "NDCG@10")
    assert frame[english("benchmark.system")].tolist() == [
        "MAMGBR",
        english("system.popularity"),
        english("system.als"),
    ]
    assert frame["MRR@10"].tolist() == pytest.approx([0.7, 0.6, 0.55])
    assert english("benchmark.seeds.note", n=2) not in text
    assert english("benchmark.other_logs") in text
    assert english("benchmark.one_permutation") in text
    assert english("adaptation.als") in text
    assert english("paper.impossible") in text


def test_a_draw_a_task_and_a_protocol_can_be_chosen(visit, trained, measured):
    test = visit(trained, "evaluation")
    test.selectbox(key="seed-sampled").set_value("1").run()
    assert table(test, "NDCG@10")["MRR@10"].tolist() == pytest.approx([0.72, 0.6])
    test.selectbox(key="seed-sampled").set_value("mean").run()
    assert table(test, "NDCG@10")["MRR@10"].tolist() == pytest.approx([0.71, 0.6])
    assert english("benchmark.seeds.note", n=2) in said(test)
    test.selectbox(key="seed-sampled").set_value("1").run()
    test.button_group(key="task").set_value("participants").run()
    assert table(test, "NDCG@10")["MRR@10"].tolist() == pytest.approx([0.52, 0.4])
    test.button_group(key="protocol").set_value("full").run()
    assert table(test, "Recall@10")["Coverage@10"].tolist() == pytest.approx([0.3, 0.01])
    assert english("protocol.what.full") in said(test)


def test_cold_and_warm_cost_and_the_paper_stand_in_tables_of_their_own(visit, trained, measured):
    test = visit(trained, "evaluation")
    assert said(test)
    cold = english("benchmark.part.lists", part=english("part.cold"), n=7)
    assert table(test, cold)[cold].tolist()[0] == pytest.approx(0.65)
    assert table(test, english("cost.memory"))[english("cost.memory")].tolist() == [2048, 216, 216]
    paper = table(test, english("paper.printed", metric="MRR@10"))
    assert paper[english("paper.here", metric="MRR@10")].tolist() == pytest.approx([0.7])
    assert paper[english("paper.printed", metric="MRR@10")].tolist() == [0.77]


def test_paired_differences_are_shown_for_their_own_draw_only(visit, trained, measured):
    test = visit(trained, "evaluation")
    ahead = table(test, english("benchmark.over"))
    assert ahead[english("benchmark.over")].tolist() == [
        english("system.popularity"),
        english("system.als"),
    ]
    assert ahead["MRR@10"].tolist() == pytest.approx([0.1, 0.15])
    test.button_group(key="task").set_value("participants").run()
    assert table(test, english("benchmark.over"))["MRR@10"].tolist() == pytest.approx([0.05, 0.075])
    for draw in ("1", "mean"):
        test.selectbox(key="seed-sampled").set_value(draw).run()
        assert english("benchmark.lead.note") not in said(test)


def test_an_unreadable_file_is_reported_and_the_rest_of_the_page_stays(visit, trained, measured):
    (measured / "results.json").write_text("[{")
    write(measured / "sweep-dim.json", [{"param": "dim"}])
    text = said(visit(trained, "evaluation"))
    messages = catalogue("messages.en")
    results, sweep_file = measured / "results.json", measured / "sweep-dim.json"
    assert messages["engine.benchmark.no_list"].format(file=results) in text
    field = messages["engine.benchmark.bad_field"]
    assert field.format(number=1, file=sweep_file, field="key") in text
    assert english("sweeps.best", value="4") in text


def test_the_page_speaks_chinese_of_systems_and_numbers(visit, trained, measured):
    test = visit(trained, "evaluation", lang="zh")
    text = said(test)
    chinese = catalogue("zh")
    assert chinese["benchmark.lead"] in text
    assert english("benchmark.lead") not in text
    names = table(test, "NDCG@10")[chinese["benchmark.system"]].tolist()
    assert names == ["MAMGBR", chinese["system.popularity"], chinese["system.als"]]
