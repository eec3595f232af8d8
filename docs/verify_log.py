#!/usr/bin/env python3
"""Checks an exported log of Årshjul, with nothing but Python: no database, no Årshjul, no network.

    python3 verify_log.py EXPORT [--head SIZE:HASH]

EXPORT is made by `arshjul log export --format jsonl`. The head is one that was kept elsewhere, as the weekly mail
to the administrators has it: without it a log that was cut at its end, or rewritten from its beginning, looks
whole. What is checked, and why, is written in log-format.md. Exit: 0 whole, 1 broken, 2 not understood.
"""

import argparse
import hashlib
import json
import pathlib
import signal
import sys
import unicodedata

MEMBERS = {"seq", "at", "actor", "action", "subject", "data"}
START = bytes(32)


class Broken(Exception):
    """Says which entry is the first that is not as it was written."""


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Checks an exported log of Årshjul.")
    parser.add_argument("export", help="a file made by: arshjul log export --format jsonl")
    parser.add_argument("--head", type=head, help="a checksum that was kept elsewhere: SIZE:HASH")
    options = parser.parse_args(arguments)
    try:
        with pathlib.Path(options.export).open("rb") as lines:
            size, last, seen = check(lines, options.head)
    except OSError as error:
        parser.error(f"{options.export} cannot be read: {error.strerror}")
    except Broken as broken:
        print(f"BROKEN. {broken}")
        return 1
    print(f"The log is intact. Entries: {size}{seen}.")
    print(f"Its checksum is {size}:{last.hex()}")
    if options.head:
        print(f"It agrees with the checksum that was kept at {options.head[0]} entries.")
    else:
        print("No checksum was given (--head), so entries may be missing at the end.")
    return 0


def check(lines, kept):
    """Follow the chain from its start. Returns how many entries it has, the last hash, and from when to when."""
    size, last, first_at, last_at = 0, START, "", ""
    for line in lines:
        last, last_at = follow(line, size + 1, last)
        size += 1
        first_at = first_at or last_at
        if kept and kept[0] == size and kept[1] != last:
            raise Broken(
                f"Entry {size} does not match the checksum. That entry, or an earlier one, has been rewritten."
            )
    if kept and kept[0] > size:
        raise Broken(
            f"Entry {size + 1} is missing: the log has {size} entries, and had {kept[0]} when its checksum was kept."
        )
    return size, last, f", from {first_at} to {last_at}" if size else ""


def follow(line, seq, last):
    """Check one line as entry number `seq` after the hash `last`. Returns its hash and its instant."""
    record = parsed(line)
    if not isinstance(record, dict) or not isinstance(record.get("payload"), str):
        raise Broken(f"Entry {seq} cannot be read.")
    payload = record["payload"].encode("utf-8", "surrogatepass")
    entry = parsed(payload)
    number = entry.get("seq") if isinstance(entry, dict) else None
    digest = hashlib.sha256(last + payload).digest()
    if record.get("hash") != digest.hex():
        if type(number) is int and number > seq:
            raise Broken(f"Entry {seq} is missing: entry {number} stands in its place.")
        raise Broken(f"Entry {seq} has been changed, or no longer follows the entry that it was written after.")
    if number != seq or type(number) is not int:
        raise Broken(f"Entry {seq} is missing: an entry that calls itself {number!a} stands in its place.")
    if set(entry) != MEMBERS or not isinstance(entry["data"], dict) or canonical(entry) != payload:
        raise Broken(f"Entry {seq} is not written as an entry must be (log-format.md, canonical JSON).")
    if set(record) != {"hash", "payload"}:
        raise Broken(f"Entry {seq}: in the database the columns beside it said something else: {record}")
    return digest, entry["at"]


def parsed(text):
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def canonical(value):
    try:
        return json.dumps(
            in_nfc(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
        ).encode()
    except ValueError:
        return None


def in_nfc(value):
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, dict):
        return {in_nfc(key): in_nfc(item) for key, item in value.items()}
    return [in_nfc(item) for item in value] if isinstance(value, list) else value


def head(text):
    size, _, digits = text.strip().partition(":")
    if not (size.isascii() and size.isdigit() and len(digits) == 64):
        raise ValueError(text)
    return int(size), bytes.fromhex(digits)


if __name__ == "__main__":
    if hasattr(signal, "SIGPIPE"):  # on Windows there is none
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # a reader that has seen enough, such as `head`, is no error
    sys.exit(main())
