"""Sends messages: claims them with a lease, hands them to SMTP or a folder, settles the answer."""
