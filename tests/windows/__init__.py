"""Windows, here: what a real Python of Windows needs under Wine, and what of the tests cannot run there."""
