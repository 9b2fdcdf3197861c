"""Calendars: a sheet of months, what a change moves, and how far bank holidays are published."""
