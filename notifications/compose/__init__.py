"""Turns notices into messages: which still hold, which are too late, which leave in one mail."""
