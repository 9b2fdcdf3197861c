"""Tests of what opens an encrypted file."""
