"""Campaign."""

from app.shell import heading
from app.text import t

heading(t("nav.campaign"), "")
