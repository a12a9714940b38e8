"""A shop of five people and four items, small enough to work out on paper what it says about anybody.

Histories: Ann milk, book, wipes; Bea wipes, toys, milk; Cai toys, milk; Dan all four; Eve book, toys. So milk and toys
have four users each, book and wipes three, and together there are 14 pairs of a user and an item.

Users of both: milk and wipes, and milk and toys, three; every other two items, two.

Circles: Ann has Bea, Cai and Eve; Bea has Ann, Cai and Dan; Cai has Ann and Bea; Dan has Bea and Eve; Eve has Ann and
Dan.
"""

from small_shops import logs_of

from db.logs import FAILED, OPEN, SUCCESSFUL

ANN, BEA, CAI, DAN, EVE = range(5)
MILK, BOOK, WIPES, TOYS = range(4)

SHOP = logs_of(
    5,
    4,
    [
        (ANN, MILK, SUCCESSFUL, [BEA]),
        (ANN, MILK, SUCCESSFUL, [BEA]),
        (ANN, MILK, SUCCESSFUL, [BEA, CAI]),
        (ANN, MILK, FAILED, []),
        (ANN, BOOK, FAILED, []),
        (BEA, WIPES, SUCCESSFUL, [ANN, DAN]),
        (BEA, TOYS, SUCCESSFUL, [CAI, DAN]),
        (CAI, TOYS, FAILED, []),
        (CAI, MILK, FAILED, []),
        (DAN, TOYS, SUCCESSFUL, [EVE]),
        (DAN, MILK, FAILED, []),
        (EVE, BOOK, SUCCESSFUL, [DAN]),
        (EVE, TOYS, OPEN, [ANN]),  # an open group is no evidence
    ],
    [(ANN, EVE), (EVE, DAN)],
)
