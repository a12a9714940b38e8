"""Messages (`db.messages`) as the pages show them, and the names that pages give to model settings.

``messages.en.json`` and ``messages.zh.json`` hold the pages' sentences by key. English pages fall back to the
sentence that the commands print; their own catalogue holds only those that name a command or an option.
"""

import errno
from collections.abc import Sequence

from app.text import catalogue, language
from db.errors import UserFacingError
from db.messages import English, Message, Term, render
from engine.model_settings import setting_types

SETTING_TYPES = setting_types()


class PageLanguage:
    """A `db.messages.Language` for the pages in ``tongue``, "en" or "zh"."""

    def __init__(self, tongue: str) -> None:
        self.tongue = tongue

    def sentence(self, key: str) -> str:
        """The pages' sentence, else the one the commands print; KeyError where neither exists."""
        own = catalogue("messages." + self.tongue).get(key)
        return English().sentence(key) if own is None else own

    def term(self, term: Term) -> str:
        """Fields and settings as the pages label them; the operating system's words where known."""
        if term.kind == "field":
            return catalogue(self.tongue).get(f"field.{term.name}", term.name)
        if term.kind == "setting":
            name = setting_label(term.name, self.tongue)
            value = setting_value_label(term.name, term.value, self.tongue)
            return f"{name} {value}" if term.value else name
        number = int(term.value) if term.value.isdecimal() else 0
        code = errno.errorcode.get(number, "")
        return catalogue("messages." + self.tongue).get("system." + code, term.name)

    def names(self, words: tuple[str, ...]) -> str:
        """“a”, “b” and “c”; “a”、“b”、“c” in Chinese."""
        quoted = [f"“{word}”" for word in words]
        if self.tongue == "zh":
            return "、".join(quoted)
        return " and ".join([", ".join(quoted[:-1]), quoted[-1]] if len(quoted) > 1 else quoted)


def message_text(message: Exception | Message | Term | str) -> str:
    """An error, a message or a term in the session's language; a plain text as it is."""
    return text_in(message, language())


def text_in(message: Exception | Message | Term | str, tongue: str) -> str:
    """`message_text` in the language ``tongue``; a message that this version does not know is shown by its key."""
    if isinstance(message, UserFacingError):
        message = message.message
    if isinstance(message, Term):
        return PageLanguage(tongue).term(message)
    if not isinstance(message, Message):
        return str(message)
    try:
        return render(message, PageLanguage(tongue))
    except KeyError:
        return message.key


def setting_changes(changes: Sequence[str]) -> list[str]:
    """Changes ``name=value`` as people read them; settings that no longer exist are left out."""
    split = [change.partition("=") for change in changes]
    return [
        PageLanguage(language()).term(Term("setting", name, value))
        for name, _, value in split
        if name in SETTING_TYPES
    ]


def setting_label(name: str, tongue: str) -> str:
    """A setting's label; the name itself where there is no such setting."""
    return catalogue(tongue).get(f"setting.{name}", name)


def setting_value_label(name: str, value: str, tongue: str) -> str:
    """A setting's value as people read it: on or off, a word where it has one, else the value itself."""
    words = catalogue(tongue)
    if SETTING_TYPES.get(name) is bool:
        return words["settings.on" if value.lower() in ("true", "1", "yes") else "settings.off"]
    return words.get(f"setting.{name}.is.{value}", value)
