"""Everything that can be wrong with a definition (problems), and everything worth a second look (remarks)."""
