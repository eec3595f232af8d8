"""The address of the database: what is secret in it is never said, and a mistyped one is named with a sentence."""

import sys

import pytest

from config.settings.database_url import DatabaseUrlError, parse, without_password

SECRET = "S3CRET"


@pytest.mark.parametrize(
    "text",
    [
        f"postgresql://someone:{SECRET}@db.example/arshjul",
        f"postgres://someone:{SECRET}/with/slashes@db.example/arshjul",
        f"postgresql://someone:{SECRET}?x=1@db.example/arshjul",
        f"postgresql://someone:{SECRET}%40%2F@db.example/arshjul",
        f"postgresql+psycopg://someone@db.example/arshjul?password={SECRET}",
        f"postgresql://db.example/arshjul?user=someone&password={SECRET}&sslmode=require",
        f"postgresql:///arshjul?host=/run/postgresql&password={SECRET}",
    ],
)
def test_a_password_is_found_wherever_it_stands_and_never_shown(text: str) -> None:
    url = parse(text)
    assert (url.password or "").startswith(SECRET)
    for shown in (str(url), repr(url), without_password(url)):
        assert SECRET not in shown
    assert parse(without_password(url)).password is None
    assert parse(url) == url


@pytest.mark.parametrize(
    "text",
    [
        f"postgresql://someone:x@{SECRET}@db.example/arshjul",
        f"postgresql://someone:x@y/{SECRET}@db.example/arshjul",
        f"postgresql://someone:{SECRET}",
        f"postgresql://someone:{SECRET}%0A@db.example/arshjul",
        f"postgresql://db.example/arshjul?password={SECRET}&password=x",
        f"postgresql://db.example/arshjul?sslpassword={SECRET}",
        f"postgresql://db.example/arshjul?oauth_client_secret={SECRET}",
        f"postgresql://db.example/arshjul?PASSWORD={SECRET}",
        f"someone:{SECRET}@db.example",
        "postgresql://db.example:port/arshjul",
        "postgresql://db.example:70000/arshjul",
        "postgresql://db.example:1,other.example:2/arshjul",
        "postgresql://[::1/arshjul",
        "postgresql:arshjul",
        "postgresql://db.example/arshjul?bogus=1",
        "postgresql://db.example/arshjul?autocommit=1",  # an argument of psycopg, and no option of PostgreSQL
        "mysql://db.example/arshjul",
        "sqlite:///arshjul.db?mode=ro",
        "sqlite://folder/arshjul.db",
        "arshjul.db",
        "",
    ],
)
def test_a_mistyped_address_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(DatabaseUrlError) as refused:
        parse(text)
    assert SECRET not in str(refused.value)
    assert "{" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_without_the_driver_its_cure_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg.pq", None)
    with pytest.raises(DatabaseUrlError, match="Install"):
        parse("postgresql://db.example/arshjul")
