"""What every test stands on: a clean environment, two real databases, a real SMTP server."""

import os
from importlib import metadata

import pytest

try:
    metadata.distribution("wheel")
except metadata.PackageNotFoundError:
    pass
else:
    # Both call their package `wheel`; whichever lies first hides the other, silently.
    pytest.exit("PyPA's wheel is in this environment and hides ours. The cure: pip uninstall wheel", returncode=4)

# Somebody's real home, database or mail server must never be what a test writes to.
for name in [name for name in os.environ if name.startswith("ARSHJUL_")]:
    del os.environ[name]

# Else every process of the program that a test starts compiles the program anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

import shutil
import ssl
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import trustme
from hypothesis import settings

from tests.support import postgres, smtp
from tests.support.installed import Arshjul
from tests.support.waiting import Seed, sow
from wheel.database.store import Store

if memory := postgres.roomy_memory():
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(memory))  # where tmp_path is

# How long an example takes is a matter of the machine's load.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")

passed_on: Counter[str] = Counter()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Postgres]:
    """One server per run, or per worker under xdist. A missing PostgreSQL fails; it never skips."""
    try:
        with postgres.running() as server:
            yield server
    except postgres.PostgresMissingError as missing:
        raise pytest.fail.Exception(str(missing), pytrace=False) from None


@pytest.fixture(scope="session")
def postgres_template(postgres_server: postgres.Postgres) -> str:
    name = postgres_server.new_database()
    create_tables(postgres_server.url(name))
    return name


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("template") / "arshjul.db"
    create_tables(f"sqlite:///{file}")
    return file


def create_tables(url: str) -> None:
    made = Store(url)
    made.create()
    made.close()


@pytest.fixture(
    params=[
        pytest.param("sqlite", marks=pytest.mark.sqlite),
        pytest.param("postgresql", marks=pytest.mark.postgresql),
    ]
)
def database_kind(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


# The fixtures below ask for the server by name, not as an argument: the SQLite half must not wait for it.


@pytest.fixture
def database_url(database_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh database without tables: the test runs once on each kind."""
    if database_kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'arshjul.db'}"
        return
    server: postgres.Postgres = request.getfixturevalue("postgres_server")
    name = server.new_database()
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def prepared_url(database_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh database with all tables, as `arshjul init` makes them; a copy, so it costs no migration."""
    if database_kind == "sqlite":
        file = shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "arshjul.db")
        yield f"sqlite:///{file}"
        return
    server: postgres.Postgres = request.getfixturevalue("postgres_server")
    name = server.new_database(template=request.getfixturevalue("postgres_template"))
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def store(prepared_url: str) -> Iterator[Store]:
    opened = Store(prepared_url)
    yield opened
    opened.close()


@pytest.fixture
def smtp_sink() -> Iterator[smtp.SmtpSink]:
    with smtp.running() as sink:
        yield sink


@pytest.fixture(scope="session")
def certificate_authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def smtp_tls_sink(certificate_authority: trustme.CA) -> Iterator[smtp.SmtpSink]:
    """Offers STARTTLS, with a certificate for 127.0.0.1 and localhost that only our authority vouches for."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    certificate_authority.issue_cert("127.0.0.1", "localhost").configure_cert(context)
    with smtp.running(context) as sink:
        yield sink


@pytest.fixture(scope="session")
def seed_on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Seed:
    home = Arshjul(tmp_path_factory.mktemp("seed") / "home")
    return Seed(home.home, sow(home))


@pytest.fixture(scope="session")
def seed_on_postgresql(postgres_server: postgres.Postgres, tmp_path_factory: pytest.TempPathFactory) -> Seed:
    name = postgres_server.new_database()
    home = Arshjul(tmp_path_factory.mktemp("seed") / "home", postgres_server.url(name))
    return Seed(home.home, sow(home), name)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Daemons and storms wait the longest: begun last they would keep one core idle."""
    items.sort(key=lambda item: item.path.name not in ("test_daemon.py", "test_nodes.py", "test_storm.py"))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "call" and report.passed:
        passed_on.update(kind for kind in ("sqlite", "postgresql") if kind in report.keywords)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    # .ci/run reads this line.
    terminalreporter.write_line(f"databases: sqlite {passed_on['sqlite']}, postgresql {passed_on['postgresql']}")
