"""What tests do on the Data page: put files there, wait for an import, find choices, tables and figures."""

import time

from page_words import english

from db.importing import background

GOOD = "团长,商品,团员\nq1,P1,q2、q3\nq4,P1,\n"
ODD = "who,what,with,when\na,P1,b;c,01/02/2025\nd,P2,e,03/04/2025\n"


def put(test, name, content):
    data = content if isinstance(content, bytes) else content.encode()
    return test.file_uploader[0].set_value((name, data, "text/csv")).run()


def ended(test, store):
    """Waits until the import or the check has ended, and runs the page until it is reported."""
    last = time.monotonic() + 120
    while background.imports_under_way(store):
        assert time.monotonic() < last
        time.sleep(0.02)  # drawing the page meanwhile would take the import's processor
    while "import-running" in test.session_state:
        assert time.monotonic() < last
        test.run()
    return test


def tab(test, name):
    test.session_state["section"] = english(name)
    return test.run()


def box(test, label):
    """The choice with this label."""
    return next(box for box in test.selectbox if box.label == label)


def column(test, heading):
    return next(box for box in test.selectbox if str(box.key).endswith(f"-{heading}"))


def first_id(test):
    """The id of the first upload."""
    return next(iter(test.session_state["uploads"]))


def answer(test, number):
    """The choice beneath a question about the first upload."""
    return next(box for box in test.selectbox if box.key == f"ask-{first_id(test)}-{number}")


def table(test, heading):
    """The first table of the page that has this column."""
    return next(frame.value for frame in test.dataframe if heading in frame.value.columns)


def metrics(test):
    return {metric.label: metric.value for metric in test.metric}
