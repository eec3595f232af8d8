"""One form for one value, to be hashed and kept."""

import json
import unicodedata


def canonical_json(value: object) -> bytes:
    """Keys sorted, no spaces, UTF-8, strings in NFC: the same value is always the same bytes."""
    text = json.dumps(_nfc(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode()


def _nfc(value: object) -> object:
    """String by string: over the whole text an escape and a combining mark after it would melt into no JSON."""
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, dict):
        return {_nfc(key): _nfc(item) for key, item in value.items()}
    return [_nfc(item) for item in value] if isinstance(value, list | tuple) else value
