"""The guard before every page: hosts, foreign forms, headers, cookies."""

import socket
from contextlib import closing

import httpx
import pytest

from tests.support.installed import Arshjul
from tests.support.site import PASSWORD, SetClock, Site, site


def post(pages: Site, cookie: str | None, **headers: str) -> int:
    with httpx.Client(trust_env=False) as plain:
        cookies = {"Cookie": f"arshjul={cookie}"} if cookie else {}
        data = {"name": "admin", "password": ""}
        return plain.post(f"{pages.address}/logga-in", data=data, headers={**cookies, **headers}).status_code


@pytest.mark.parametrize("site_word", ["cross-site", "same-site"])
def test_a_form_of_another_site_is_refused(pages: Site, site_word: str) -> None:
    headers = {"Sec-Fetch-Site": site_word, "Origin": pages.address}
    assert post(pages, None, **headers) == 403


def test_a_form_of_our_own_is_taken(pages: Site) -> None:
    assert post(pages, "x", **{"Sec-Fetch-Site": "same-origin"}) == 422
    assert post(pages, "x", **{"Sec-Fetch-Site": "none"}) == 422


def test_without_fetch_metadata_the_origin_decides(pages: Site) -> None:
    assert post(pages, "x", Origin=pages.address) == 422
    assert post(pages, "x", Origin="http://evil.example") == 403
    assert post(pages, "x", Origin="null") == 403


def test_with_neither_only_a_request_without_a_session_is_taken(pages: Site) -> None:
    assert post(pages, None) == 422
    assert post(pages, "x") == 403


def test_another_host_is_not_served(pages: Site) -> None:
    with pages.browser() as browser:
        assert browser.get("/logga-in", headers={"Host": "evil.example"}).status_code == 421
        assert browser.get("/healthz", headers={"Host": "10.0.0.7"}).status_code == 200
        port = pages.address.rpartition(":")[2]
        assert browser.get("/logga-in", headers={"Host": f"localhost:{port}"}).status_code == 200


@pytest.mark.parametrize("path", ["/logga-in", "/konto", "/nothing-here", "/static/style.css"])
def test_every_answer_has_the_headers(pages: Site, path: str) -> None:
    with pages.browser() as browser:
        headers = browser.get(path).headers
    policy = headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert headers["referrer-policy"] == "same-origin"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers.get_list("cache-control") == [
        "public, max-age=31536000, immutable" if path.startswith("/static") else "no-store"
    ]


def test_no_file_outside_the_folder_is_served(pages: Site) -> None:
    with pages.browser() as browser:
        paths = (
            "/static/../templating.py",
            "/static/%2e%2e%2ftemplating.py",
            "/static/..%2f..%2f__init__.py",
            "/static/x",
        )
        assert {browser.get(path).status_code for path in paths} == {404}


def test_the_cookie_is_the_servers_alone(pages: Site) -> None:
    pages.account("admin")
    with pages.browser() as browser:
        answer = browser.post("/logga-in", data={"name": "admin", "password": PASSWORD})
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith("arshjul=")
    assert {"httponly", "path=/", "samesite=lax"} <= set(cookie.split("; "))


def test_over_https_the_cookie_belongs_to_this_host_alone(
    home: Arshjul, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.settings(address="https://arshjul.example.se", trusted_proxies=["127.0.0.1"])
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    monkeypatch.setenv("ARSHJUL_WEB__LISTEN", f"127.0.0.1:{port}")
    with site(home.home, clock) as served:
        assert served.address == "https://arshjul.example.se"
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as plain:
            seen = {"Host": "arshjul.example.se", "Sec-Fetch-Site": "same-origin"}
            link = served.invitation("admin")
            answer = plain.post(link, data={"password": PASSWORD, "again": PASSWORD}, headers=seen)
    assert answer.headers["set-cookie"].startswith("__Host-arshjul=")
    assert "Secure" in answer.headers["set-cookie"]
    assert answer.headers["strict-transport-security"]


def test_a_form_without_end_is_not_read(pages: Site) -> None:
    with pages.browser() as browser:
        answer = browser.post("/logga-in", content=b"x" * 2_000_001)
    assert answer.status_code == 413


def test_monitoring_needs_no_name(pages: Site) -> None:
    with pages.browser() as browser:
        assert [browser.get(path).text for path in ("/healthz", "/readyz")] == ["ok\n", "ok\n"]


def test_behind_a_proxy_every_link_has_the_prefix(home: Arshjul, clock: SetClock) -> None:
    home.settings(path_prefix="/arshjul")
    with site(home.home, clock) as served, served.browser() as browser:
        assert served.address.endswith("/arshjul")
        page = browser.get("/logga-in")
        assert page.status_code == 200
        assert 'href="/arshjul/static/style.css' in page.text
        assert browser.get("/konto").headers["location"] == "/arshjul/logga-in?next=%2Fkonto"
        stripped = httpx.get(served.address.removesuffix("/arshjul") + "/logga-in", trust_env=False)
        assert stripped.status_code == 200


def test_what_is_wrong_with_the_database_is_not_told_to_strangers(pages: Site, home: Arshjul) -> None:
    home.change("UPDATE alembic_version SET version_num = '0001'")
    with pages.browser() as browser:
        answer = browser.get("/readyz")
    assert (answer.status_code, answer.text) == (503, "not ready\n")
