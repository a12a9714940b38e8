"""What the report of a benchmark says of protocols, ways and parts."""

from engine.benchmark.records import Part, Way

# What the page's first lines do not say of a protocol.
PROTOCOL_NOTES = {
    "future": "What was known before the cut learns; the launches of the next 90 days are asked. Candidates are what "
    "could be had, new items included, and who had been there in the year before.",
    "popular": "Negatives are drawn by popularity: items by launches, participants by joins, plus one each, so that "
    "all can be drawn.",
    "full": "The right answer is ranked among all items, or all users. Left out are the items that the initiator has "
    "launched before; in Task II the initiator, whoever joined them for the item before, and the group's other "
    "participants. Coverage is the share of all items or users that appear in any top ten, popularity the mean of "
    "log(1 + launches or joins) over the top tens.",
    "newcomers": "Nothing was learned about 5 % of the users; then all logs but the test groups were taken in without "
    "training again. Cold and warm refer to what was known in the end.",
}
WAY_NOTES = {
    Way.CUT: "Nothing after the cut is known.",
    Way.DAY: "Each launch is asked as of its own moment, with whatever happened before it; nothing learns again.",
}
PART_NOTES = {
    Part.COLD: "Cold initiators: no launch, failed launch or join among the training groups ({sizes}).",
    Part.WARM: "Warm initiators ({sizes}).",
    Part.HIDDEN: "Lists about users whose logs came after training: as the initiator in Task I, as the participant "
    "in Task II ({sizes}).",
    Part.BEFORE: "The same lists while nothing was known of these users ({sizes}).",
    Part.SHOWN: "Lists about the other users ({sizes}).",
    Part.REPEATS: "Repeats: groups whose initiator had launched the item before ({sizes}).",
    Part.FIRST_TIMES: "First times: the other groups ({sizes}).",
    Part.NEW_ITEMS: "New items: not launched before the cut ({sizes}).",
    Part.NEW_AMONG_NEW: "The same new items among new ones only, 99 or as many as there are ({sizes}).",
    Part.NEW_INITIATORS: "New initiators: no launch before the cut ({sizes}).",
    Part.NEW_PARTICIPANTS: "New participants: no join before the cut ({sizes}).",
    Part.WEEK_1: "Launches in the first week after the cut ({sizes}).",
    Part.WEEKS_2_TO_4: "Weeks 2 to 4 ({sizes}).",
    Part.WEEKS_5_TO_13: "Weeks 5 to 13 ({sizes}).",
}
ONE_PERMUTATION_NOTE = (
    "Test groups came from one permutation with those that settings were chosen on, "
    "so choices may have seen some of them."
)
