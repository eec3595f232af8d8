"""The console's commands: each asks the engine and answers with a document. No rule lives here."""
