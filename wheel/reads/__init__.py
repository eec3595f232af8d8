"""What every door shows. Nothing here writes."""
