"""What a file states of people who were forgotten: their places are nobody's, and the rest is left out."""

from dataclasses import replace

import numpy as np

from db.forgetting.people import Forgotten, names_anybody
from db.importing.readers.chunk import RowError
from db.importing.staged import StagedLogs, Statement, UserAttributes
from db.importing.twins import twin_keys
from db.messages import Message


def without_forgotten(staged: StagedLogs, forgotten: Forgotten) -> tuple[StagedLogs, int]:
    """The logs without the people who were forgotten, and how many of them the file names.

    Joins become seats that nobody takes, launches those of an unnamed person who is not to be asked.
    """
    if not forgotten.people:
        return staged, 0
    declined = staged.statement.declined_user if staged.statement is not None else []
    unnamed = forgotten.among(dict.fromkeys([*staged.users, *declined]))
    if not unnamed:
        return staged, 0
    gone = np.fromiter((id in unnamed for id in staged.users), bool, len(staged.users))
    statement = staged.statement or _nothing_derived(len(staged.group_id))
    joined = gone[staged.member]
    seats = np.bincount(staged.member_group[joined], minlength=len(staged.group_id))
    refused = np.fromiter((id in unnamed for id in declined), bool, len(declined))
    launches = {k for k in np.unique(staged.initiator).tolist() if gone[k]}
    attributes = {k: one for k, one in staged.user_attributes.items() if not gone[k]}
    attributes |= dict.fromkeys(sorted(launches), UserAttributes(contactable=False))
    kept = replace(
        staged,
        # As the file has them: another export has the same groups.
        twins=twin_keys(staged),
        users=[unnamed.get(id, id) for id in staged.users],
        member_group=staged.member_group[~joined],
        member=staged.member[~joined],
        joined_at=None if staged.joined_at is None else staged.joined_at[~joined],
        friendships=staged.friendships[~gone[staged.friendships].any(axis=1)],
        user_attributes=attributes,
        statement=replace(
            statement,
            seats=(statement.seats + seats).astype(np.int32),
            declined_group=statement.declined_group[~refused],
            declined_user=[id for id in declined if id not in unnamed],
            reason=statement.reason[~refused],
        ),
    )
    stays = ~gone
    stays[sorted(launches)] = True
    return kept.with_users(stays), len(unnamed)


def without_named_rows(errors: list[RowError], forgotten: Forgotten) -> list[RowError]:
    """The errors, without the text of the rows that name somebody who was forgotten."""
    if not forgotten.people:
        return errors
    problem = Message("db.forget.row")
    return [
        replace(one, value="", row="", problem=problem)
        if names_anybody((one.value, one.row, str(one.problem)), forgotten)
        else one
        for one in errors
    ]


def _nothing_derived(groups: int) -> Statement:
    return Statement(
        status_derived=np.zeros(groups, bool),
        initiator_derived=np.zeros(groups, bool),
        continues=np.zeros(groups, bool),
        initiator_void=np.zeros(groups, bool),
        seats=np.zeros(groups, np.int32),
        declined_group=np.empty(0, np.int32),
        declined_user=[],
        reason=np.empty(0, np.int8),
    )
