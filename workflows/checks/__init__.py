"""Checks of a definition: errors (`*_problems`) and warnings (`*_warnings`). `all_problems.py` and `all_warnings.py`
run all of them."""
