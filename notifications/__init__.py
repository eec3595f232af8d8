"""Mail: notices, the messages made of them, and their delivery to the mail server."""
