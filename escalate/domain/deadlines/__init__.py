"""deadlines = f(protocol, history, calendar), and what follows from them: standing, plans, and what a change moves."""
