"""Mail at the door: taken by SMTP, LMTP or IMAP, and shown from the development mailbox."""
