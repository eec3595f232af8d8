"""Secrets that a browser or a link holds. The database keeps only their SHA-256, which opens nothing."""

import secrets
from hashlib import sha256


def new_token() -> str:
    """32 random bytes, written so that they fit in a link."""
    return secrets.token_urlsafe(32)


def stored(token: str) -> bytes:
    """The hash of it that the database keeps."""
    return sha256(token.encode(errors="replace")).digest()
