"""What is said of the file with the cases itself: backups, checks, erasure, and errors nobody foresaw."""
