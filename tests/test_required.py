import pytest
from required import LEFT_OUT, require


def test_a_missing_program_fails_the_tests_that_need_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv(LEFT_OUT, raising=False)
    with pytest.raises(pytest.fail.Exception, match="chromium is not installed"):
        require("chromium", installed=False)
    require("chromium", installed=True)


def test_only_who_says_so_leaves_tests_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(LEFT_OUT, "postgresql, chromium")
    with pytest.raises(pytest.skip.Exception):
        require("chromium", installed=True)
    with pytest.raises(pytest.skip.Exception):
        require("postgresql", installed=False)
