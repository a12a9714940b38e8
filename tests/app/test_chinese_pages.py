"""A merchandiser who reads Chinese meets Chinese sentences also where something goes wrong."""

import gzip
import io
import zipfile

import openpyxl
import pandas as pd
import pytest
from page_words import said
from streamlit.delta_generator import DeltaGenerator
from test_retrain import twin
from uploading import GOOD, ended, put
from whole_shop import Shop

from app.logs.refused_rows import show_refused_rows
from app.retraining import training
from app.text import catalogue
from db.importing.history import undo_import
from db.importing.pipeline import import_files
from db.jobs import queue as jobs
from db.jobs.queue import TrainingOutcome, TrainingTask
from db.messages import Message, Term
from db.models import registry

CHINESE = catalogue("zh")


@pytest.fixture(autouse=True)
def chinese_browser(monkeypatch):
    """The harness words the options of a choice outside of any session: a browser in Chinese asks there."""
    monkeypatch.setattr("app.text.preferred_language", lambda locale: "zh")


def workbook():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("[Content_Types].xml", "<Types/>")
        file.writestr("xl/workbook.xml", "<workbook/>")
    return packed.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("五月.gz", gzip.compress(GOOD.encode() * 99)[:-9], "五月.gz 是损坏或不完整的 gzip 文件，请重新复制或导出。"),
        ("五月.xlsx", workbook(), "五月.xlsx 是损坏、不完整或旧格式的工作簿。请用表格软件打开，选择“文件”→“另存为”"),
        ("五月.csv", b"", "五月.csv 是空文件，请重新导出记录。"),
        ("五月.csv", b"PAR1 and no more", "五月.csv 是损坏或不完整的 Parquet 文件，请重新复制或导出。"),
        ("五月.jsonl", b'[{"initiator": "a"', "五月.jsonl 是损坏或不完整的 JSON，请重新复制或导出。"),
        ("五月.csv", bytes(range(256)) * 8, "五月.csv 不是文本文件：其中有空字节。请另存为 UTF-8 编码的 CSV 后重试。"),
    ],
    ids=["gzip", "xlsx", "empty", "parquet", "json", "bytes"],
)  # fmt: skip
def test_a_refused_file_is_refused_in_chinese(visit, bare, name, content, sentence):
    page = put(visit(bare, "data", lang="zh"), name, content)
    assert sentence in said(page)


def test_columns_that_nobody_knows_are_asked_for_in_chinese(visit, bare):
    page = put(visit(bare, "data", lang="zh"), "五月.csv", "who,what\na,P1\n")
    assert {"哪一列是团长？", "哪一列是商品？"} <= {box.label for box in page.selectbox}


def test_a_heading_line_beyond_the_file_is_refused_in_chinese(visit, bare):
    page = put(visit(bare, "data", lang="zh"), "五月.csv", GOOD)
    line = next(box for box in page.selectbox if str(box.key).startswith("heading-"))
    line.set_value(9).run()
    assert "五月.csv 的第 9 行不能作为表头：表头须在前 4 行之内。请选择更靠前的行。" in said(page)


def test_a_refusal_changes_its_language_with_the_page(visit, bare):
    page = put(visit(bare, "data", lang="zh"), "五月.csv", b"")
    page.query_params["lang"] = "en"
    page.session_state["language"] = "en"
    assert "五月.csv is empty. Export the logs again." in said(page.run())


def test_an_import_that_is_refused_says_so_in_chinese_with_the_problem_of_a_row(visit, bare):
    page = put(visit(bare, "data", lang="zh"), "五月.csv", "团长,商品\nu1,\n")
    page.button(key="import").click().run()
    ended(page, bare.store())
    assert "五月.csv 的 1 行都无法使用。第 2 行：缺少商品，请填写。" in said(page)


def test_the_same_bytes_under_two_names_are_refused_in_chinese(visit, bare):
    page = visit(bare, "data", lang="zh")
    data = GOOD.encode()
    files = [(name, data, "text/csv") for name in ("甲.csv", "乙.csv")]
    page.file_uploader[0].set_value(files).run()
    page.button(key="check").click().run()
    ended(page, bare.store())
    assert "乙.csv 与 甲.csv 的内容完全相同，请只保留其中一个。" in said(page)


def test_an_import_undone_elsewhere_meanwhile_is_said_in_chinese(
    visit, bare, tmp_path, monkeypatch
):
    (tmp_path / "五月.csv").write_text(GOOD)
    import_files(bare.store(), [tmp_path / "五月.csv"])
    page = visit(bare, "data", lang="zh")
    page.session_state["section"] = CHINESE["data.history"]
    page.run()
    page.text_input(key="undo-number-1").set_value("1")
    undo = page.button(key="undo-submit").click()

    def twice(store, number):
        undo_import(store, number)
        return undo_import(store, number)

    monkeypatch.setattr("app.logs.past_imports.undo_import", twice)
    assert "第 1 次导入（五月.csv）已经撤销，此次没有任何改动。" in said(undo.run())


def test_a_store_that_fails_says_so_in_chinese(visit, tmp_path):
    (tmp_path / "store.db").mkdir()
    shop = Shop(f"sqlite:///{tmp_path / 'store.db'}", tmp_path)
    text = said(visit(shop, lang="zh"))
    assert f"{tmp_path / 'store.db'} 是文件夹，不是数据库。" in text


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        (Message("train.worker.out_of_memory"), "内存不足。请减少每个正样本的负样本数，或每步团数。"),
        (Message("train.worker.failed", {"error": "OSError: [Errno 5] a7.b", "log": "/log.txt"}),
         "训练失败：OSError: [Errno 5] a7.b（日志：/log.txt）"),
        (Message("db.jobs.lost"), "训练进程意外退出"),
    ],
    ids=["memory", "failed", "lost"],
)  # fmt: skip
def test_a_failed_training_says_why_in_chinese(visit, copied, monkeypatch, message, sentence):
    monkeypatch.setattr(training, "ensure_worker", lambda: None)
    store = copied.store()
    jobs.enqueue(store, TrainingTask(preset="demo"))
    jobs.claim(store).finish(store, TrainingOutcome(state="failed", message=message))
    page = visit(copied, "retrain", lang="zh")
    assert said(page).count(sentence) == 2  # above, and in the history
    rows = next(one.value for one in page.dataframe if CHINESE["job.message"] in one.value.columns)
    assert sentence in rows[CHINESE["job.message"]][0]


def test_settings_that_cannot_be_built_are_refused_in_chinese(visit, copied):
    page = visit(copied, "retrain", lang="zh")
    page.number_input(key="set-demo-heads").set_value(3).run()
    assert "注意力头数 3 不能整除输入宽度 32。请把“注意力头数”改为 32 的约数" in said(page)


def test_a_damaged_version_is_refused_in_chinese_where_it_is_asked_for_and_where_it_is_promoted(
    visit, copied
):
    store = copied.store()
    name = twin(copied, store, "damaged", registry.serving(store).metrics)
    graph = copied.models / name / "items.onnx"
    graph.write_bytes(graph.read_bytes()[:-10])
    next_step = "文件不完整或被改动过。请在“重新训练”页重新训练，或启用其他版本。"
    assert next_step in said(visit(copied, lang="zh", model=name))
    page = visit(copied, "retrain", lang="zh")
    page.button(key="promote_button").click().run()
    assert next_step in said(page)


def test_a_link_to_a_version_that_is_gone_is_answered_in_chinese(visit, trained):
    text = said(visit(trained, lang="zh", model="gone"))
    assert "没有模型版本“gone”。“重新训练”页列有全部版本。" in text


def test_a_list_that_cannot_be_read_is_refused_in_chinese(visit, trained):
    page = visit(trained, "campaign", lang="zh")
    page.file_uploader[0].set_value([("名单.csv", b"", "text/csv")]).run()
    page.button(key="take-initiators").click().run()
    assert "名单.csv 是空文件，请重新导出记录。" in said(page)


def test_refused_rows_are_taken_away_in_chinese_although_clicks_are_answered_outside_the_session(
    monkeypatch,
):
    made = []
    monkeypatch.setattr("app.text.language", lambda: "zh")
    monkeypatch.setattr("app.frame.downloads.language", lambda: "zh")
    monkeypatch.setattr("app.logs.refused_rows.language", lambda: "zh")
    monkeypatch.setattr(DeltaGenerator, "download_button", lambda *of, **_: made.append(of[2]))
    problem = Message("db.row.missing", {"field": Term("field", "price")})
    row = {"line": 2, "column": "原价", "value": "贵", "problem": problem, "row": "u1,P1,贵"}
    show_refused_rows("rows", lambda: pd.DataFrame([row]), "1", "refused-rows", open=True)
    monkeypatch.undo()
    as_workbook, as_csv = made
    heading, first = as_csv().decode("utf-8-sig").splitlines()
    assert heading == "行号,列,值,问题与修改方法,原始行"
    assert "缺少原价，请填写。" in first
    sheet = openpyxl.load_workbook(io.BytesIO(as_workbook())).active
    assert [cell.value for cell in sheet[1]] == heading.split(",")
    assert sheet["D2"].value == "缺少原价，请填写。"
