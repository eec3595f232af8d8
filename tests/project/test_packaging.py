"""The name `wheel` is safe, and what is installed is whole."""

import ast
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import venv
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("workflows", "config", "notifications", "wheel")

# The modules of PyPA's wheel 0.38.4, 0.45.1, 0.47.0 and 0.48.0. In an environment where both are
# installed the two packages lie in one folder; a name in both would be one file for two programs.
PYPA_MODULES = {
    *("__main__", "_bdist_wheel", "_commands", "_metadata", "_setuptools_logging", "bdist_wheel", "cli"),
    *("macosx_libfile", "metadata", "util", "vendored", "wheelfile"),
}


def run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run(command, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


def package_files() -> set[str]:
    """Everything that lies in our packages, as paths from the root."""
    found = {path for package in PACKAGES for path in (ROOT / package).rglob("*") if path.is_file()}
    return {path.relative_to(ROOT).as_posix() for path in found if "__pycache__" not in path.parts}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The distribution as it would be published; built with the locked hatchling, without the network."""
    # From a copy: a build must need nothing but what an unpacked source has, not even git.
    source = tmp_path_factory.mktemp("source")
    for name in PACKAGES:
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "LICENSE", "README.md", ".gitignore"):
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, source / name)
    target = tmp_path_factory.mktemp("dist")
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--quiet")
    run(*pip, "--no-deps", "--no-index", "--no-build-isolation", "--wheel-dir", target, source, cwd=target)
    (file,) = target.iterdir()
    return file


@pytest.fixture(scope="module")
def installed(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with our distribution installed from its file; its command `arshjul`."""
    environment = tmp_path_factory.mktemp("environment") / "venv"
    venv.create(environment, with_pip=False, symlinks=True)
    python = environment / "bin" / "python"
    pip = (
        sys.executable,
        "-m",
        "pip",
        "--disable-pip-version-check",
        "--python",
        python,
        "install",
        "--quiet",
    )
    run(*pip, "--no-deps", "--no-index", built, cwd=built.parent)
    # The libraries are lent from the environment of the tests: no network, and a second instead of ten.
    # A .pth file that lies in a lent folder is not read, so our editable installation is not lent with them.
    lent = sysconfig.get_path("purelib")
    own = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=built.parent).strip()
    (Path(own) / "lent.pth").write_text(f"{lent}\n")
    return environment / "bin" / "arshjul"


def test_no_module_of_ours_bears_a_name_of_pypas_wheel() -> None:
    ours = {path.stem for path in (ROOT / "wheel").iterdir()} - {"__init__", "__pycache__"}
    assert not ours & PYPA_MODULES


def test_wheels_init_holds_a_docstring_and_nothing_else() -> None:
    """Where both are installed, `wheel/__init__.py` may be the other one's file."""
    module = ast.parse((ROOT / "wheel" / "__init__.py").read_text(encoding="utf-8"))
    assert ast.get_docstring(module)
    assert len(module.body) == 1


def test_nobody_takes_a_name_from_wheels_init() -> None:
    modules = {path.stem for path in (ROOT / "wheel").iterdir()}
    for package in (*PACKAGES, "tests"):
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ImportFrom) and node.module == "wheel" and node.level == 0:
                    names = {alias.name for alias in node.names}
                    assert names <= modules, f"{path}:{node.lineno} takes {names - modules} from wheel"


def test_the_locks_bring_no_pypa_wheel_and_name_no_host() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
        assert not [line for line in lines if line.startswith(("wheel=", "pip-tools="))]
        assert not [line for line in lines if "://" in line or line.startswith("-")]


def test_the_built_distribution_holds_every_file_of_our_packages_and_nothing_else(built: Path) -> None:
    with ZipFile(built) as archive:
        names = {name for name in archive.namelist() if not name.endswith("/")}
    assert {name for name in names if ".dist-info/" not in name} == package_files()
    assert any(name.endswith("/licenses/LICENSE") for name in names)


def test_the_installed_command_works_from_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        version = tomllib.load(file)["project"]["version"]
    assert version in run(installed, "--version", cwd=tmp_path)
    assert not list(tmp_path.iterdir())


def test_the_installed_command_finds_its_own_packages(installed: Path, tmp_path: Path) -> None:
    """Else every test about the installed command would be about the checkout."""
    python = installed.parent / "python"
    where = "import config, notifications, wheel, workflows as w; print(config, notifications, wheel, w)"
    answer = run(python, "-c", where, cwd=tmp_path)
    assert answer.count(str(installed.parent.parent)) == len(PACKAGES)


def test_imports_point_one_way() -> None:
    run(Path(sys.executable).parent / "lint-imports", cwd=ROOT)
