"""`python -m bench [PART …] [--quick] [--million]`: prints the figures beside their goals."""

import argparse
import importlib

from bench.measure import WIDTHS, Scale

PARTS = ("steps", "due", "log", "mail", "cold", "check", "past", "rehearsal", "walks")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=f"one or more of: {', '.join(PARTS)}")
    parser.add_argument("--quick", action="store_true", help="a tenth of everything, three rounds")
    parser.add_argument("--million", action="store_true", help="also a million plans, and 10,000 mails")
    asked = parser.parse_args()
    if unknown := set(asked.parts) - set(PARTS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    scale = Scale(3 if asked.quick else 5, asked.quick, asked.million)
    print("  ".join(title.ljust(width) for title, width in zip(("", "measured", "goal"), WIDTHS, strict=True)))
    for name in asked.parts or PARTS:
        for figure in importlib.import_module(f"bench.{name}").measure(scale):
            print(figure.line(), flush=True)


if __name__ == "__main__":
    main()
