"""The names of the evidence columns, in their order.

Names and order are part of a bundle: a model reads the columns that it was trained on.
"""

from db.logs import Task

# 1: an item that was both launched and failed with, or failed and joined, weighs twice in the cosines with a history.
# 2: every item of a history weighs once.
EVIDENCE_VERSION = 2

# Task I: an item for an initiator.
ITEM_EVIDENCE = (
    # the item in the shop
    "item_launches",
    "item_failures",
    "item_joins",
    # the initiator
    "initiator_launches",
    "initiator_failures",
    "initiator_joins",
    "initiator_circle",
    # the item and the initiator's history
    "goes_with_launches",
    "goes_with_failures",
    "goes_with_joins",
    "goes_with_history",
    "goes_with_share",
    "goes_with_rare",
    "taste",
    "leaning",
    "joined_before",
    "launched_before",
    "failed_before",
    # the item and the history of the initiator's circle
    "circle_launches",
    "circle_failures",
    "circle_joins",
    "goes_with_circle",
    "circle_taste",
)

# Task II: a participant for an initiator and an item.
PARTICIPANT_EVIDENCE = (
    # the candidate
    "participant_joins",
    "participant_launches",
    "participant_failures",
    "participant_circle",
    # the item and the initiator, the same for all candidates
    "item_launches",
    "item_failures",
    "item_joins",
    "initiator_launches",
    "initiator_failures",
    "initiator_joins",
    "initiator_circle",
    # the candidate and the item
    "goes_with_launches",
    "goes_with_failures",
    "goes_with_joins",
    "taste",
    "leaning",
    "joined_before",
    "launched_before",
    "failed_before",
    "circle_has_item",
    "goes_with_circle",
    "circle_taste",
    # the candidate and the initiator
    "invited_by_initiator",
    "invited_initiator",
    "friend",
    "near_in_circles",
    "shared_items",
    "circle_shares_items",
    "shares_items_with_circle",
    "same_taste",
    "same_leaning",
    "taste_of_circle",
    "circle_of_taste",
)

EVIDENCE_COLUMNS = {Task.ITEMS: ITEM_EVIDENCE, Task.PARTICIPANTS: PARTICIPANT_EVIDENCE}

# Which token of the model reads which columns: those of a role are about that user or item alone, "match" compares the
# candidate with the item or the history, "circle" with the people around the initiator.
ITEM_TOKENS = {
    "item": ITEM_EVIDENCE[:3],
    "initiator": ITEM_EVIDENCE[3:7],
    "match": ITEM_EVIDENCE[7:18],
    "circle": ITEM_EVIDENCE[18:],
}
PARTICIPANT_TOKENS = {
    "participant": PARTICIPANT_EVIDENCE[:4],
    "item": PARTICIPANT_EVIDENCE[4:7],
    "initiator": PARTICIPANT_EVIDENCE[7:11],
    "match": PARTICIPANT_EVIDENCE[11:22],
    "circle": PARTICIPANT_EVIDENCE[22:],
}
