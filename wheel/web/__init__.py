"""The web pages, a door beside the console: handlers with their templates. No rule lives here."""
