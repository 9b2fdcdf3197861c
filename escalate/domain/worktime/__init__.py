"""The only place that counts: London's clock, calendars, allowances, counting and its proof, periods."""
