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

# Nor may a test act as whoever runs it.
os.environ["XDG_CONFIG_HOME"] = os.devnull
os.environ.pop("SUDO_UID", None)

# Else every process of the program that a test starts compiles the program anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

import ssl
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import trustme
from hypothesis import settings

from tests.support import postgres, smtp
from tests.support.databases import CopyOf, Databases, M, PostgresDatabases, SqliteDatabases, tables
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
def sqlite_databases(tmp_path_factory: pytest.TempPathFactory) -> SqliteDatabases:
    return SqliteDatabases(tmp_path_factory.mktemp("databases"))


@pytest.fixture(scope="session")
def postgresql_databases(postgres_server: postgres.Postgres) -> PostgresDatabases:
    return PostgresDatabases(postgres_server)


@pytest.fixture(
    params=[
        pytest.param("sqlite", marks=pytest.mark.sqlite),
        pytest.param("postgresql", marks=pytest.mark.postgresql),
    ]
)
def database_kind(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


# The fixtures below are made on each kind of database, so a test that asks for one of them runs twice.


@pytest.fixture
def databases(database_kind: str, request: pytest.FixtureRequest) -> Databases:
    # By name, not as an argument: the SQLite half must not wait for the server.
    found: Databases = request.getfixturevalue(f"{database_kind}_databases")
    return found


@pytest.fixture
def database_url(databases: Databases) -> Iterator[str]:
    """A fresh database without tables."""
    with databases.empty() as url:
        yield url


@pytest.fixture
def store(databases: Databases) -> Iterator[Store]:
    """A fresh database with all tables."""
    with databases.copy(tables) as (fresh, _):
        yield fresh


@pytest.fixture
def copy_of(databases: Databases) -> Iterator[CopyOf]:
    with ExitStack() as until_the_end:

        def copy(begin: Callable[[Store], M]) -> M:
            fresh, made = until_the_end.enter_context(databases.copy(begin))
            return made.in_store(fresh)

        yield copy


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


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: daemons and storms mostly wait."""
    return len(os.sched_getaffinity(0)) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Daemons and storms wait the longest: begun last they would keep one core idle."""
    items.sort(key=lambda item: item.path.name not in ("test_daemon.py", "test_nodes.py", "test_storm.py"))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "call" and report.passed:
        passed_on.update(kind for kind in ("sqlite", "postgresql", "browser") if kind in report.keywords)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    # .ci/run reads these lines.
    if passed_on["browser"]:
        terminalreporter.write_line(f"browser: {passed_on['browser']}")
    else:
        terminalreporter.write_line(f"databases: sqlite {passed_on['sqlite']}, postgresql {passed_on['postgresql']}")
