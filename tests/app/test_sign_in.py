"""A real sign-in: Chromium, the server, and an identity provider that follows the standard."""

import pytest
from browsing import PATIENCE, browser, served
from identity_provider import identity_provider
from playwright.sync_api import expect
from whole_shop import shop_in

pytestmark = pytest.mark.browser

RITA = {"sub": "1", "name": "Rita", "email": "rita@shop.test", "email_verified": True}
OTTO = {"sub": "2", "name": "Otto", "email": "otto@shop.test", "email_verified": True}


@pytest.fixture(scope="module")
def signed(needs_chromium, tmp_path_factory):
    """A page that is not signed in yet, the app's address, and the provider."""
    folder = tmp_path_factory.mktemp("signed")
    with identity_provider() as provider:
        secrets = provider.secrets(folder / "secrets.toml")
        environment = shop_in(folder).environment | {"MAMGBR_OPERATORS": "otto@shop.test"}
        options = ("--secrets.files", str(secrets))
        with served(environment, folder / "log", *options) as url, browser() as opened:
            page = opened.new_page(viewport={"width": 1440, "height": 1000}, locale="en-GB")
            page.set_default_timeout(PATIENCE)
            yield page, url, provider


def test_a_reader_and_an_operator_sign_in_and_out(signed):
    page, url, provider = signed
    page.goto(f"{url}/data")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible(timeout=PATIENCE)
    assert page.get_by_role("link", name="Data").count() == 0

    provider.person = RITA
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{url}/data")  # the page that they had opened
    expect(page.get_by_text("Rita · read-only")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("You have read-only access")).to_be_visible(timeout=PATIENCE)
    assert page.get_by_role("button", name="Open the demo shop").count() == 0

    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible(timeout=PATIENCE)

    provider.person = OTTO
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("Otto · operator")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("button", name="Open the demo shop")).to_be_visible(timeout=PATIENCE)


def test_a_link_survives_the_sign_in(signed):
    page, url, provider = signed
    page.goto(f"{url}/about")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible(timeout=PATIENCE)

    link = f"{url}/why?initiator=u1&item=i2&lang=zh"
    page.goto(link)
    provider.person = RITA
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(link)
    expect(page.get_by_text("Rita · 只读")).to_be_visible(timeout=PATIENCE)

    page.goto(url)  # what was followed once is not followed again
    page.wait_for_function("() => sessionStorage.getItem('mamgbr.opened') === null")
    expect(page.get_by_text("Rita · read-only")).to_be_visible(timeout=PATIENCE)
    assert "/why" not in page.url
