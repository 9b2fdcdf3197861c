"""What runs a command again and again: cron, systemd, launchd and Task Scheduler, a file for each, and what they are given."""
