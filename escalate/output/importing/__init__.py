"""What an import would do, or did."""
