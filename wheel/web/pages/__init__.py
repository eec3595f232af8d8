"""The pages, a group in each file."""
