"""Invitations, mails, feeds and the replies that come back."""
