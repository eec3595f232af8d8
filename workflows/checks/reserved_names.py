"""Names that no board may have: in an address they stand for the form of an act, as in `/plan/2028/mrp/beslut`."""

RESERVED = frozenset(
    {
        "angra", "aterremiss", "beslut", "bordlagg", "dra-tillbaka", "flytta", "hall", "klar", "oppna-igen", "paminn",
        "ratta", "sedd", "slapp", "vila",
    }
)  # fmt: skip
