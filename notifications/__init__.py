"""What people are told: notices, messages, and their way to the mail server."""
