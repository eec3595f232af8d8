"""Addresses: what is parsed is written the same."""

import pytest

from wheel.plan_address import Address


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("2028/verksamhetsplan/socialnamnden", ("2028", "verksamhetsplan", "socialnamnden")),
        ("mandat-2026/inriktningsmal", ("mandat-2026", "inriktningsmal", None)),
        ("2028", ("2028", None, None)),
    ],
)
def test_an_address_is_its_parts_and_back(text: str, parts: tuple[str, str | None, str | None]) -> None:
    assert Address.parse(text) == parts
    assert str(Address.parse(text)) == text


def test_a_boards_plan_is_part_of_its_phases_own() -> None:
    assert str(Address.parse("2028/ramar/socialnamnden").of_the_phase) == "2028/ramar"
    assert str(Address.parse("2028/ramar").of_the_phase) == "2028/ramar"
