"""Checks mail addresses, and writes them in the form that a server can be given."""

from email.errors import HeaderParseError
from email.headerregistry import Address
from functools import lru_cache

from notifications.endings import ENDINGS

LONGEST, LONGEST_LOCAL = 254, 64  # RFC 5321, 4.5.3.1: a path has 256 octets with its brackets
SPECIAL = frozenset('"<>()[],;:\\')  # allowed in quotes, but no server gives anybody such an address
# Python's IDNA (2003) makes other domains of these than today's: `straße` would be mailed at `strasse`.
TWO_DOMAINS = frozenset("ßẞς\u200c\u200d")


class AddressError(ValueError):
    """The address cannot be mailed; the text is a message key, `code` that of a notice which ends because of it."""

    def __init__(self, code: str) -> None:
        super().__init__(ENDINGS[code])
        self.code = code


@lru_cache(maxsize=1 << 12)  # asked for in every round of mail: the same people, and to parse one is slow
def mailable(address: str) -> str:
    """The address in ASCII, a domain such as `sjövik.example` as its A-label. Raises AddressError.

    A local part outside ASCII is refused: it needs SMTPUTF8 on every server on the way to the reader.
    """
    address = address.strip()
    local, at, domain = address.rpartition("@")
    if not at or not local or not domain:
        raise AddressError("address_sides")
    if not local.isascii():
        raise AddressError("address_letters")
    try:
        domain = domain.encode("idna").decode("ascii")
        # A surrogate, a space, a line break or a bracket ends here, and so cannot reach a header or a server.
        parsed = Address(addr_spec=f"{local}@{domain}")
    except (UnicodeError, ValueError, HeaderParseError, IndexError) as error:
        raise AddressError("address_form") from error
    whole = parsed.addr_spec
    too_long = len(whole) > LONGEST or len(local) > LONGEST_LOCAL
    if too_long or not TWO_DOMAINS.isdisjoint(address) or any(c in SPECIAL or not "!" <= c <= "~" for c in whole):
        raise AddressError("address_form")
    return whole


def readable(address: str) -> str:
    """The address as people write it, an A-label in the domain as its letters."""
    local, at, domain = address.rpartition("@")
    try:
        return f"{local}{at}{domain.encode().decode('idna')}"
    except UnicodeError:
        return address
