"""Papers for a meeting: what a command shows at a terminal, as a page or a Word file that can be printed and passed on."""
