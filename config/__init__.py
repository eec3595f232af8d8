"""A municipality's files and the program's settings: loaded, checked, explained."""
