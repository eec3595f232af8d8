"""Settings are read from file and environment; all errors are reported at once, with their cures."""

from datetime import time
from pathlib import Path

import pytest

from config.municipality.faults import Fault
from config.settings.setting_faults import SettingsFault
from config.settings.settings import load
from wheel.home.folder import TEMPLATES


def write(home: Path, text: str) -> Path:
    (home / "arshjul.toml").write_text(text, encoding="utf-8")
    return home


def faults_of(home: Path) -> dict[str, Fault]:
    with pytest.raises(SettingsFault) as raised:
        load(home)
    return {fault.place: fault for fault in raised.value.faults}


def test_without_a_file_mail_goes_into_the_folder_and_people_read_swedish(tmp_path: Path) -> None:
    settings = load(tmp_path)
    assert (settings.lang, settings.mail.mode, settings.mail.send_hour) == ("sv", "folder", time(7, 30))
    assert settings.database == ""


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_file_that_init_writes_is_valid_and_has_the_default_values(tmp_path: Path, language: str) -> None:
    template = (TEMPLATES / f"arshjul.{language}.toml").read_text(encoding="utf-8")
    settings = load(write(tmp_path, template.replace("{database}", "")))
    (tmp_path / "empty").mkdir()
    assert settings.model_copy(update={"lang": "sv"}) == load(tmp_path / "empty")


def test_the_environment_overrides_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, 'lang = "sv"\n[smtp]\nport = 25\nhost = "a.example"\n')
    monkeypatch.setenv("ARSHJUL_SMTP__PORT", "2525")
    monkeypatch.setenv("ARSHJUL_LANG", "en")
    monkeypatch.setenv("ARSHJUL_HOME", "/somewhere")  # not a setting of the file
    settings = load(tmp_path)
    assert (settings.smtp.port, settings.smtp.host, settings.lang) == (2525, "a.example", "en")


def test_all_faults_come_at_once_each_with_its_line(tmp_path: Path) -> None:
    text = """lang = "fi"
bogus = 1
[mail]
mode = "pigeon"
send_hour = "25:00"
sender = "nobody"
base_url = "arshjul.example"
[smtp]
port = 70000
username = 7
allow_plaintext = "perhaps"
"""
    faults = faults_of(write(tmp_path, text))
    assert {place: fault.line for place, fault in faults.items()} == {
        "lang": 1,
        "bogus": 2,
        "mail.mode": 4,
        "mail.send_hour": 5,
        "mail.sender": 6,
        "mail.base_url": 7,
        "smtp.port": 9,
        "smtp.username": 10,
        "smtp.allow_plaintext": 11,
    }
    for fault in faults.values():
        said = fault.said()
        assert str(tmp_path / "arshjul.toml") in said
        assert "{" not in said


def test_a_fault_of_the_environment_names_the_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARSHJUL_SMTP__PORT", "x")
    monkeypatch.setenv("ARSHJUL_SMTP__PROT", "25")
    faults = faults_of(write(tmp_path, ""))
    assert faults["smtp.port"].file == "ARSHJUL_SMTP__PORT"
    assert faults["smtp.prot"].file == "ARSHJUL_SMTP__PROT"


@pytest.mark.parametrize("where", ["[smtp]\n", ""])
def test_a_password_in_the_file_is_a_fault_that_does_not_repeat_it(tmp_path: Path, where: str) -> None:
    faults = faults_of(write(tmp_path, f'{where}password = "hemligt"\n'))
    (fault,) = faults.values()
    assert "password_file" in fault.cure
    assert "hemligt" not in fault.said()


@pytest.mark.parametrize(
    "address", ["postgresql://u:hem/ligt@db.example/a", "postgresql://db.example/a?user=u&password=hem/ligt"]
)
def test_the_databases_password_in_the_file_is_a_fault_that_does_not_repeat_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    write(tmp_path, f'lang = "sv"\ndatabase = "{address}"\n')
    monkeypatch.setenv("ARSHJUL_DATABASE", "postgresql://u:hem/ligt@db.example/a?sslmode=require")
    (fault,) = faults_of(tmp_path).values()
    assert (fault.place, fault.line, fault.file) == ("database", 2, str(tmp_path / "arshjul.toml"))
    assert "ARSHJUL_DATABASE" in fault.cure
    assert "hem/ligt" not in fault.said()
    write(tmp_path, "")
    assert load(tmp_path).database.startswith("postgresql://u:")


@pytest.mark.parametrize("address", ['"postgresql://h:port/a"', '["postgresql://u:hemligt@h/a"]'])
def test_a_mistyped_address_of_the_database_is_a_fault_that_does_not_repeat_it(tmp_path: Path, address: str) -> None:
    (fault,) = faults_of(write(tmp_path, f"database = {address}\n")).values()
    assert (fault.place, fault.line) == ("database", 1)
    assert not {"port/a", "hemligt"} & set(fault.said().replace("@", " ").split())
    assert "hemligt" not in fault.said()


def test_the_password_is_read_from_the_password_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hemligt\n", encoding="utf-8")
    settings = load(write(tmp_path, '[smtp]\nusername = "u"\npassword_file = "secret"\n'))
    assert settings.password == "hemligt"
    assert "hemligt" not in repr(settings)


def test_a_password_file_that_cannot_be_read_is_a_fault_and_never_no_password(tmp_path: Path) -> None:
    faults = faults_of(write(tmp_path, '[smtp]\nusername = "u"\npassword_file = "missing"\n'))
    assert "missing" in faults["smtp.password_file"].said()
    (tmp_path / "missing").write_text("\n", encoding="utf-8")
    assert "is empty" in faults_of(tmp_path)["smtp.password_file"].said()
    (tmp_path / "missing").write_text("hemligt\nhemligare\n", encoding="utf-8")
    assert "several lines" in faults_of(tmp_path)["smtp.password_file"].said()
    assert "hemligt" not in faults_of(tmp_path)["smtp.password_file"].said()


@pytest.mark.parametrize(
    "envelope",
    ["studs+{id}", "{id}{id}@a.example", "studs+{mail}@a.example", "studs@{id}.example", f"{'a' * 40}{{id}}@a.example"],
)
def test_an_envelope_that_no_server_takes_is_a_fault(tmp_path: Path, envelope: str) -> None:
    (fault,) = faults_of(write(tmp_path, f'[mail]\nenvelope_sender = "{envelope}"\n')).values()
    assert (fault.place, "{id}" in fault.said()) == ("mail.envelope_sender", True)


def test_numbers_have_their_bounds(tmp_path: Path) -> None:
    faults = faults_of(write(tmp_path, "[mail]\nper_minute = -1\n[smtp]\nconnections = 0\nport = 70000\n"))
    said = [faults[place].said() for place in ("mail.per_minute", "smtp.connections", "smtp.port")]
    assert ["at least 0" in said[0], "at least 1" in said[1], "at most 65535" in said[2]] == [True] * 3


def test_mail_to_a_server_needs_the_server_and_a_sender(tmp_path: Path) -> None:
    assert set(faults_of(write(tmp_path, '[mail]\nmode = "smtp"\n'))) == {"smtp.host", "mail.sender"}


def test_without_tls_the_server_must_be_this_machine_and_the_choice_explicit(tmp_path: Path) -> None:
    assert "smtp.tls" in faults_of(write(tmp_path, '[smtp]\nhost = "127.0.0.1"\ntls = "plain"\n'))
    allowed = '[smtp]\ntls = "plain"\nallow_plaintext = true\nhost = '
    assert "smtp.host" in faults_of(write(tmp_path, f'{allowed}"smtp.example"\n'))
    assert load(write(tmp_path, f'{allowed}"127.0.0.1"\n')).smtp.tls == "plain"


@pytest.mark.parametrize("text", ["lang = ", "[mail\n", '"lang" "sv"'])
def test_a_file_that_is_no_toml_is_one_fault(tmp_path: Path, text: str) -> None:
    (fault,) = faults_of(write(tmp_path, text)).values()
    assert "TOML" in fault.said()


def test_a_file_that_is_no_text_is_one_fault(tmp_path: Path) -> None:
    (tmp_path / "arshjul.toml").write_bytes(b"lang = \xff")
    (fault,) = faults_of(tmp_path).values()
    assert "not in UTF-8" in fault.said()
    (tmp_path / "arshjul.toml").write_text('[smtp]\nusername = "u"\npassword_file = "secret"\n', encoding="utf-8")
    (tmp_path / "secret").write_bytes(b"h\xf6st")
    assert "not in UTF-8" in faults_of(tmp_path)["smtp.password_file"].said()


def test_files_that_an_editor_on_windows_saved_are_read_without_their_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / "arshjul.toml").write_text(
        'lang = "en"\n[smtp]\nusername = "u"\npassword_file = "secret"\n', encoding="utf-8-sig", newline="\r\n"
    )
    (tmp_path / "secret").write_text("hemligt\n", encoding="utf-8-sig", newline="\r\n")
    settings = load(tmp_path)
    assert (settings.lang, settings.password) == ("en", "hemligt")


def test_a_key_that_is_no_identifier_is_a_fault_and_no_crash(tmp_path: Path) -> None:
    assert faults_of(write(tmp_path, '"a b" = 1\nself = 2\nmail = 3\n'))
