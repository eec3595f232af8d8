"""Canonical JSON, for hashing and storing."""

import json
import unicodedata


def canonical_json(value: object) -> bytes:
    """The value as JSON: keys sorted, no spaces, UTF-8, strings in NFC. Equal values give equal bytes."""
    text = json.dumps(_nfc(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode()


def _nfc(value: object) -> object:
    """Normalise each string by itself: in the whole text a combining mark could merge with the escape before it."""
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, dict):
        return {_nfc(key): _nfc(item) for key, item in value.items()}
    return [_nfc(item) for item in value] if isinstance(value, list | tuple) else value
