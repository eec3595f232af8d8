"""Signing in to the pages: accounts, passwords, invitations, sessions."""
