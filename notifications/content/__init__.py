"""The content of a mail: its wording, its rendering, its headers, its calendar entry."""
