"""Random object trees over every type that crosses typed, and over classes that cross as records."""

import collections
import datetime
import decimal
import fractions
import sys
import uuid
import zoneinfo

import golden_classes as classes

TEXTS = ["", "a", "id", "name", "hel\xf3", "\u20ac", "\U0001f600", "\ud800", "x\n\\'\"\0", "\\u0041", "k" * 255, "k" * 256]
WIDE = [2**63, -(2**63) - 1, 2**64, 2**70, -(10**30), 7**500, -(2**1023), 2**2040]
NARROW = [0, 1, -1, 127, 128, 255, 256, 65535, 65536, 2**31 - 1, 2**31, -(2**31), -(2**31) - 1, 2**63 - 1, -(2**63)]
FLOATS = [0.0, -0.0, 1.5, float("inf"), float("-inf"), 5e-324, 1.7976931348623157e308, 0.1]
ZONES = ["UTC", "Europe/Berlin", "America/New_York"]
FIXED_TYPES = [collections.OrderedDict, int, str, list, ValueError, classes.Outer.Inner, classes.function, len]


class Trees:
    """Makes objects from one seeded generator, and counts the types it made."""

    def __init__(self, random):
        self.random = random
        self.made = collections.Counter()
        self.seen = []
        self.leaves = [n for n in dir(self) if n.startswith("leaf_")]
        self.hashable = [n for n in self.leaves if n not in ("leaf_bytearray",)]
        self.branches = [n for n in dir(self) if n.startswith("branch_")]

    def tree(self):
        self.seen = []
        if self.random.random() < 0.15:
            return self.value(0)
        return self.branch(self.random.choice([1, 2, 3, 4]))

    def value(self, depth):
        roll = self.random.random()
        if self.seen and roll < 0.08:
            self.made["shared"] += 1
            return self.random.choice(self.seen)
        if depth > 0 and roll < 0.45:
            return self.branch(depth)
        return self.make(self.random.choice(self.leaves))

    def branch(self, depth):
        made = self.make(self.random.choice(self.branches), depth - 1)
        self.seen.append(made)
        return made

    def make(self, name, *args):
        self.made[name.split("_", 1)[1]] += 1
        return getattr(self, name)(*args)

    def key(self):
        """Something that can be a key: mostly text, as in real life."""
        roll = self.random.random()
        if roll < 0.6:
            return self.leaf_text()
        if roll < 0.7:
            return (self.leaf_int(), self.leaf_text())
        if roll < 0.75:
            return frozenset([self.leaf_int()])
        return self.make(self.random.choice(self.hashable))

    def many(self, depth, make=None):
        length = self.random.choice([0, 1, 2, 3, 4, 5, 9, 17])
        return [(make or (lambda: self.value(depth)))() for _ in range(length)]

    def pairs(self, depth):
        return [(key, self.value(depth)) for key in self.many(depth, self.key)]

    # leaves
    def leaf_none(self):
        return None

    def leaf_bool(self):
        return self.random.random() < 0.5

    def leaf_int(self):
        return self.random.choice([self.random.choice(NARROW), self.random.getrandbits(8), -self.random.getrandbits(40)])

    def leaf_wide(self):
        sign = self.random.choice([1, -1])
        return self.random.choice([self.random.choice(WIDE), sign * self.random.getrandbits(self.random.randint(64, 2100))])

    def leaf_float(self):
        return self.random.choice([self.random.choice(FLOATS), self.random.uniform(-1e6, 1e6)])

    def leaf_text(self):
        letters = "".join(chr(self.random.choice([97, 255, 0x416, 0x1F40D])) for _ in range(self.random.randint(0, 9)))
        return self.random.choice([self.random.choice(TEXTS), letters])

    def leaf_bytes(self):
        return self.random.randbytes(self.random.choice([0, 1, 7, 255, 256, 300]))

    def leaf_bytearray(self):
        return bytearray(self.random.randbytes(self.random.choice([0, 1, 9])))

    def leaf_date(self):
        return datetime.date.fromordinal(self.random.randint(1, 3652059))

    def leaf_datetime(self):
        date, time = self.leaf_date(), self.leaf_time()
        return datetime.datetime.combine(date, time)

    def leaf_time(self):
        r = self.random
        micro = r.choice([0, 999999, r.randrange(10**6)])
        zone, fold = r.choice([None, None, self.zone()]), r.choice([0, 0, 1])
        return datetime.time(r.randrange(24), r.randrange(60), r.randrange(60), micro, zone, fold=fold)

    def zone(self):
        roll = self.random.random()
        if roll < 0.3:
            return zoneinfo.ZoneInfo(self.random.choice(ZONES))
        if roll < 0.4:
            return classes.Zone(self.random.randint(-12, 12))
        if roll < 0.6:
            return datetime.timezone.utc
        offset = datetime.timedelta(seconds=self.random.randint(-86399, 86399), microseconds=self.random.choice([0, 5]))
        return datetime.timezone(offset, self.random.choice(["EST", "\xe9"])) if roll < 0.7 else datetime.timezone(offset)

    def leaf_timedelta(self):
        r = self.random
        return datetime.timedelta(r.randint(-999999999, 999999998), r.randrange(86400), r.randrange(10**6))

    def leaf_decimal(self):
        r = self.random
        special = [decimal.Decimal(text) for text in ("NaN", "Infinity", "-Infinity", "-0", "0E-10", "NaN123")]
        digits = tuple(r.randrange(10) for _ in range(r.randint(1, 40)))
        return r.choice([r.choice(special), decimal.Decimal((r.randrange(2), digits, r.randint(-50, 50)))])

    def leaf_uuid(self):
        return uuid.UUID(int=self.random.getrandbits(self.random.choice([8, 63, 64, 127, 128])))

    def leaf_complex(self):
        return complex(self.leaf_float(), self.leaf_float())

    def leaf_fraction(self):
        return fractions.Fraction(self.leaf_wide(), self.random.choice([1, 3, 2**70 + 1]))

    def leaf_range(self):
        return range(self.leaf_int(), self.leaf_int(), self.random.choice([1, -1, 7, 2**70]))

    def leaf_ellipsis(self):
        return ...

    def leaf_class(self):
        return self.random.choice(FIXED_TYPES)

    def leaf_enum(self):
        return self.random.choice([classes.Color.RED, classes.Level.HIGH])

    def leaf_int_subclass(self):
        return classes.MyInt(self.leaf_int())

    def leaf_str_subclass(self):
        return classes.MyStr(self.leaf_text())

    # branches
    def branch_list(self, depth):
        return self.many(depth)

    def branch_long_list(self, depth):
        return [self.leaf_int() for _ in range(self.random.choice([999, 1000, 1001, 2000]))] if self.random.random() < 0.1 else []

    def branch_tuple(self, depth):
        return tuple(self.many(depth))

    def branch_dict(self, depth):
        return dict(self.pairs(depth))

    def branch_rows(self, depth):
        names = self.many(0, self.leaf_text)
        return [{name: self.value(depth) for name in names} for _ in range(self.random.randint(0, 6))]

    def branch_set(self, depth):
        return set(self.many(depth, self.key))

    def branch_frozenset(self, depth):
        return frozenset(self.many(depth, self.key))

    def branch_ordered_dict(self, depth):
        return collections.OrderedDict(self.pairs(depth))

    def branch_defaultdict(self, depth):
        return collections.defaultdict(self.random.choice([None, list, int]), self.pairs(depth))

    def branch_counter(self, depth):
        return collections.Counter({key: self.leaf_int() for key, _ in self.pairs(0)})

    def branch_deque(self, depth):
        return collections.deque(self.many(depth), self.random.choice([None, None, 3, 100]))

    def branch_object(self, depth):
        value = self.value(depth)
        makers = [
            lambda: classes.Plain("n", value), classes.Empty, lambda: classes.Slots(1, value), lambda: classes.WithNewArgs(value),
            lambda: classes.Outer.Inner(value), lambda: classes.Point(1, value), lambda: classes.Reduced(value),
        ]  # fmt: skip
        return self.random.choice(makers)()

    def branch_keyword_object(self, depth):
        return classes.WithKeywords(1, b=self.value(depth))

    def branch_subclass(self, depth):
        makers = [
            lambda: classes.MyList(self.many(depth)), lambda: classes.MyDict(self.pairs(depth)),
            lambda: classes.MySet([self.key()]), lambda: classes.MyTuple(self.many(depth)),
        ]  # fmt: skip
        return self.random.choice(makers)()
