"""What runs a command again and again: cron, systemd and launchd, a file for each, and what they are given."""
