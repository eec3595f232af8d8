"""Reads and checks a municipality's folder: wheel, people, roles and meetings."""
