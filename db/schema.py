"""The tables of the store.

Conventions: ``external_id`` is the shop's own id, a string, unique among users and among items.
Integer primary keys follow the order in which the store first saw an entity and are never reused,
even after an undo. Times are seconds since 1970-01-01 00:00: those of the shop's logs on the shop's
own clock, those of the workbench (``created_at`` and the like) in UTC. A status is one of SUCCESSFUL,
FAILED and OPEN of ``db.logs``.

Every row of the logs refers to the import that brought it. What an import states *about* an entity
(a name, a price) is kept in ``user_facts`` and ``item_facts``; ``users`` and ``items`` have the
latest statement of the imports that were not undone, so an undo can restore the earlier one. A row of
``groups`` is what one import states of a group; if several speak of the same group, a ``merged`` row
joins their statements and is the ``current`` one, and the statements stay for the next import or undo.
"""

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    Text,
    false,
    text,
    true,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _import_id(primary_key: bool = False) -> Column[int]:
    return Column(
        "import_id", Integer, ForeignKey("imports.id"), nullable=False, primary_key=primary_key
    )


def _user_attributes() -> tuple[Column[Any], ...]:
    return (
        Column("city", Text),
        Column("contactable", Boolean),  # false: never to be asked
        Column("tags", Text),  # a line each
    )


def _item_attributes() -> tuple[Column[Any], ...]:
    return (
        Column("name", Text),
        Column("category", Text),
        Column("price", Float),
        Column("group_price", Float),
        Column("min_participants", Integer),  # participants needed besides the initiator
        Column("brand", Text),
        Column("on_sale_from", BigInteger),
        Column("on_sale_until", BigInteger),  # the first second after the sale
        Column("stock", Integer),
        Column("status", Text),  # on, off or hidden
    )


imports = Table(
    "imports",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("batch", Text, nullable=False),  # the files of one command share it
    Column("file", Text, nullable=False),
    Column("kind", Text, nullable=False),  # groups, failed, friendships, items, users, edit or demo
    Column("format", Text, nullable=False),
    Column("sha256", Text, nullable=False),  # of the file's bytes as they came
    Column("accepted", Integer, nullable=False),  # rows of the file
    Column("rejected", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("undone_at", BigInteger),
    # Entities of this import that its undo kept because other imports refer to them.
    Column("kept", Integer, nullable=False, server_default="0"),
    # The highest keys ever assigned: the next import starts above them.
    Column("last_user", Integer, nullable=False),
    Column("last_item", Integer, nullable=False),
    Column("last_group", Integer, nullable=False),
    Index(None, "sha256"),
)

import_errors = Table(
    "import_errors",
    metadata,
    Column("id", Integer, primary_key=True),
    _import_id(),
    Column("line", Integer, nullable=False),  # of the file, from 1
    Column("column", Text, nullable=False),  # as the file calls it; empty: the whole row
    Column("value", Text, nullable=False),
    Column("problem", Text, nullable=False),  # in English
    Column("message", Text),  # the problem as a db.messages.Message in JSON; none in older rows
    Column("row", Text, nullable=False),  # the row as it stood in the file
    Index(None, "import_id"),
)

# What a person said about files with these headings, for the next such file.
import_answers = Table(
    "import_answers",
    metadata,
    Column("headings", Text, primary_key=True),  # SHA-256 of the headings in their order
    Column("answers", JSON, nullable=False),  # db.importing.answers.Answers, without the empty ones
    Column("said_at", BigInteger, nullable=False),
)

# What holds for the shop as a whole, such as its time zone (``db.shop_clock``).
shop_settings = Table(
    "shop_settings",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", JSON, nullable=False),
    Column("set_at", BigInteger, nullable=False),
)

users = Table(
    "users",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("external_id", Text, nullable=False, unique=True),
    Column("name", Text),
    Column("pinyin", Text),  # lower case, no tones, no spaces
    Column("initials", Text),  # the first letters of the pinyin
    *_user_attributes(),
    _import_id(),
)

items = Table(
    "items",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("external_id", Text, nullable=False, unique=True),
    *_item_attributes(),
    _import_id(),
)

user_facts = Table(
    "user_facts",
    metadata,
    _import_id(primary_key=True),
    Column("user_id", Integer, ForeignKey("users.id"), primary_key=True),
    Column("name", Text),
    *_user_attributes(),
    Index(None, "user_id"),
)

item_facts = Table(
    "item_facts",
    metadata,
    _import_id(primary_key=True),
    Column("item_id", Integer, ForeignKey("items.id"), primary_key=True),
    *_item_attributes(),
    Index(None, "item_id"),
)

groups = Table(
    "groups",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("external_id", Text),  # none if the logs do not name their groups
    Column("initiator_id", Integer, ForeignKey("users.id"), nullable=False),
    Column("item_id", Integer, ForeignKey("items.id"), nullable=False),
    Column("status", SmallInteger, nullable=False),  # SUCCESSFUL, FAILED or OPEN of db.logs
    Column("launched_at", BigInteger),
    Column("filled_at", BigInteger),  # of a successful group
    Column("target_size", Integer),  # people, the initiator included
    Column("expires_at", BigInteger),
    Column("current", Boolean, nullable=False, server_default=true()),
    Column("merged", Boolean, nullable=False, server_default=false()),
    # How far the import states the group: what the file leaves open was derived.
    Column("status_derived", Boolean, nullable=False, server_default=false()),
    Column("initiator_derived", Boolean, nullable=False, server_default=false()),
    # The import has joins alone; another one states the launch.
    Column("continues", Boolean, nullable=False, server_default=false()),
    # The initiator's order is no join.
    Column("initiator_void", Boolean, nullable=False, server_default=false()),
    # That nobody takes: virtual members.
    Column("seats", Integer, nullable=False, server_default="0"),
    # Tells a group without an id of its own again (``db.importing.twins``).
    Column("twin", BigInteger),
    _import_id(),
    CheckConstraint("status IN (0, 1, 2)", name="status"),
    # Covering: launches are counted from the index alone.
    Index(None, "initiator_id", "current", "status"),
    Index(None, "item_id", "current", "status"),
    Index(None, "external_id"),
    Index(
        None,
        "twin",
        sqlite_where=text("twin IS NOT NULL"),
        postgresql_where=text("twin IS NOT NULL"),
    ),
    Index(None, "launched_at"),
)

group_members = Table(
    "group_members",
    metadata,
    Column("group_id", Integer, ForeignKey("groups.id"), primary_key=True),
    Column("user_id", Integer, ForeignKey("users.id"), primary_key=True),
    Column("joined_at", BigInteger),
    _import_id(),
    Index(None, "user_id"),
    sqlite_with_rowid=False,
)

# Who was asked or had ordered, and is no participant.
declined_invitations = Table(
    "declined_invitations",
    metadata,
    Column("group_id", Integer, ForeignKey("groups.id"), primary_key=True),
    Column("user", Text, primary_key=True),  # the shop's id; they need not be in ``users``
    # DECLINED, CANCELLED (before the group filled) or VOID (cancelled, refunded or unpaid, nobody
    # knows when or after it had filled) of ``db.logs``: the first two say no.
    Column("reason", SmallInteger, nullable=False),
    _import_id(),
    CheckConstraint("reason IN (0, 1, 2)", name="reason"),
    Index(None, "import_id"),
    sqlite_with_rowid=False,
)

friendships = Table(
    "friendships",
    metadata,
    # The smaller key comes first. Several imports may bring the same pair, which lasts until the
    # last of them is undone.
    Column("user_id", Integer, ForeignKey("users.id"), primary_key=True),
    Column("friend_id", Integer, ForeignKey("users.id"), primary_key=True),
    _import_id(primary_key=True),
    CheckConstraint("user_id < friend_id", name="order"),
    Index(None, "friend_id"),
    sqlite_with_rowid=False,
)

models = Table(
    "models",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("version", Text, nullable=False, unique=True),
    Column("preset", Text, nullable=False),
    Column("data_version", Text, nullable=False),
    Column("metrics", JSON, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("pinned", Boolean, nullable=False, server_default=false()),  # never pruned
    Column("removed_at", BigInteger),  # when its files were deleted, or about to be
    # SHA-256 of its manifest.json, which has those of all other files; none where nobody noted it. Two of them, with
    # a comma, while the manifest is being replaced.
    Column("manifest_sha256", Text),
)

# A stack per alias: the serving version is the newest row that was not withdrawn, and a rollback
# withdraws the top.
model_aliases = Table(
    "model_aliases",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("alias", Text, nullable=False),
    Column("version", Text, ForeignKey("models.version"), nullable=False),
    Column("set_at", BigInteger, nullable=False),
    Column("withdrawn_at", BigInteger),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("arguments", JSON, nullable=False),
    Column("state", Text, nullable=False),  # queued, running, done, failed or cancelled
    Column("progress", JSON, nullable=False),  # db.jobs.queue.TrainingStatus, once it has ended
    Column("message", Text, nullable=False, server_default=""),  # how it ended, in English
    Column("outcome", JSON),  # db.jobs.queue.TrainingOutcome, once it has ended
    Column("created_at", BigInteger, nullable=False),
    Column("started_at", BigInteger),
    Column("finished_at", BigInteger),
    CheckConstraint("state IN ('queued', 'running', 'done', 'failed', 'cancelled')", name="state"),
)
