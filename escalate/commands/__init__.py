"""The commands, a file per group. Each reads its arguments, loads, asks the domain, appends, and shows."""
