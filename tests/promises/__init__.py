"""What escalate promises of the files it keeps, each as a test that prints its figure: what a sceptic would run."""
