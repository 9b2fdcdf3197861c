"""A model of its own for deadlines: rules C1 to C23 a second time, as plain loops, to check the engine against.

It shares no code with `escalate` and reads nothing that escalate wrote but the documents it is compared with: `calendar` counts days,
`protocol` reads protocol files, `history` keeps what was recorded, `calls` says what is called for and what became of it, `limits` when that
is due, `rows` how it stands. `walk` records things at random through the real command line, and compares after every step.
"""
