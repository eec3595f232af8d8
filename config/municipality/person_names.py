"""Whether a name is that of a person, and whether an id tells it. The log keeps ids for ever."""

import re
import unicodedata

_PERSON = re.compile(r"[^\W\d_][\w.'’-]*( [^\W\d_][\w.'’-]*)+")  # no comma, as in "Secretary, the council"
SHORTEST = 3  # letters of a part that tells a name


def is_persons_name(name: str) -> bool:
    """Whether it looks like a first name and a surname, and not like a board or a function."""
    words = name.split()
    return bool(_PERSON.fullmatch(" ".join(words))) and words[0][0].isupper() and words[-1][0].isupper()


def tells_the_name(id: str, name: str) -> bool:
    """Whether an id is made from the person's name, such as `anna.ek`."""
    return is_persons_name(name) and bool(_parts(id) & {part for part in _parts(name) if len(part) >= SHORTEST})


def _parts(text: str) -> set[str]:
    plain = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    return set(re.split(r"[\W\d_]+", plain))
