"""What opens an encrypted file: its secret, how that is written down, and where it is kept."""
