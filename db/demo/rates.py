"""The rates of the demo shop, in one place: how much, how often and how long.

Powers are logarithms of weights: a power of 1 makes a launch 2.7 times as likely.
"""

DAYS = 420  # of logs, the last one included: every season is there once, the present one twice
ITEMS = 450
GROUPS_PER_USER = 5

# People
MONTH = 30.44  # days
YOUNGEST, OLDEST = -9, 76  # months of the child; after that, the family expects the next one
# Share of the families by the age of their child, in months, when they come to the shop.
AGES_AT_FIRST = {(-9, 0): 0.12, (0, 6): 0.22, (6, 12): 0.22, (12, 36): 0.26, (36, 76): 0.18}
THERE_BEFORE = 0.5  # share of the users who came before the logs begin; the others come all along
LEAVE = 0.3  # share of the users who stop launching
STAY_DAYS = 200  # until those stop, on average
LAUNCHERS = 0.7  # share of the users who ever launch
SAME_AGE = 0.8  # share of a circle whose children are of one age, give or take two months
SAME_CITY = 0.85  # share of a circle that lives in one city
DECLARED = 0.7  # share of the ties that are declared friendships
NOT_CONTACTABLE = 0.015  # share of the users, at least two of them
TAGGED = 0.2  # share of the users with the most frequent tag

# The shelf
SEASONAL_BEFORE = (70, 110)  # days that a seasonal item comes before the height of its season
SEASONAL_AFTER = (50, 90)  # days that it goes after it
CARRIED = 0.4  # share of the seasonal items that stay on the shelf all year
FASHION_DAYS = (70, 200)  # that an item stays which is neither lasting nor seasonal
LASTING_ARRIVE = 0.6  # share of the lasting products that come during the logs
LASTING_GO = 0.5  # share of them that go during the logs, or would go thereafter
ARRIVALS = 8  # items that came in the last days, and that nobody has launched yet
ANNOUNCED = 4  # items that go on sale in the next two weeks
HIDDEN = 5  # products that the shop keeps, and shows to nobody
SELL_OUTS = 1 / 110  # of an item on the shelf, a day
SOLD_OUT_DAYS = (3, 16)
PROMOTIONS = 1 / 120  # of a product on the shelf, a day
PROMOTION_DAYS = 7
PRICE_DROP = (0.12, 0.3)  # share of the group price

# What is launched
STANDING = 0.1  # power of what is lasting
NEEDED = 0.7  # power of what runs out
ARRIVAL = 2.9  # power of novelty
ARRIVAL_PEAK = 22  # days until an item is the talk of the town
FASHION = 3.8  # power of novelty of what comes and goes
FASHION_PEAKS = (18, 40)
SEASON = 2.0  # power at the height of the season
OFF_SEASON = 6.0  # how far it falls until half a year later
APPEAL = 0.7  # an item in place r of the standing of products has the power -APPEAL log(r + 8)
TREND = 1.4  # standard deviation of a product's power, which wanders
TREND_DAYS = 120  # until a trend has faded to 37 %
PROMOTED = 1.2  # power of a promotion
FITS = 1.6  # power of the right size for the age of the child
OUTGROWN = 4.6  # how far it falls
WHIM = 0.1  # share of the launches that follow the crowd alone
AGAIN = 0.7  # chance that what has run out is launched again
GROWTH = 0.5  # the launches of a day grow with this power of the days gone by
WEEKEND = 1.25  # launches of a day at the weekend over those of another

# Who joins, and when
HOURS = (24, 48, 72)  # that a group is open
FRIEND_JOINS = 0.65  # chance that a friend who likes an item very much joins
FRIEND_HOURS = 12  # until a friend joins, on average
STRANGERS_JOIN = 0.32  # per person of the group
