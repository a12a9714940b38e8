"""The demo shop: a baby shop whose users, items and logs are drawn from a seed.

What is drawn (``rates.py`` has every number):

- **People** come in circles of friends of one city and one taste, whose children are of about one age and grow: a
  family moves through nappy sizes, stages of milk and sizes of clothes, and after the last one expects another child.
  Half of them were there before the logs begin, the others come all along; some stop launching. A few do not want to
  be contacted.
- **Items** are lines (``products.json``) by brands, in sizes. Lasting lines stay for years, though half of the brands
  come or go within the logs; fashions rise for three to six weeks, fade, and leave the shelf after two to six months;
  seasonal goods come before their season and mostly leave after it. Eight items arrived in the last four days and
  have not been launched, four are announced, some are hidden, others sold out or at a lower price this week.
- **A launch** is drawn by the product of what the day gives an item (``demand.py``: standing, novelty, season, trend,
  promotion; nothing while it is off the shelf or sold out) and what it is to the initiator (``launches.py``: taste,
  brand, the age of the child). Whoever launched a consumable launches it again when it has run out, in the size that
  fits by then.
- **Joins** (``joins.py``): friends who like the item come within hours, strangers now and then. A group fills with its
  last seat, fails at its deadline (its members are refunded and not recorded), and is open before.

What is sold when: each seasonal line has the day of the year around which it sells (``season`` in ``products.json``);
its weight falls by exp(6) until half a year later. Of the 420 days, the present season is there twice.

Seeds: people, names, items, demand, launches, joins and the shelf draw from streams of their own
(``default_rng([seed, k])``), and names from the only one that depends on the language: the same seed is the same shop
in English and in Chinese. The day is an argument as well: seasons are those of the calendar, so that another day is
another shop. A whole day is drawn and cut at the moment of its making.

That knowing time beats not knowing it: ``python -m benchmarks.demo_over_time``.
"""
