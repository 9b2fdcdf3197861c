"""The agencies that cases name."""
