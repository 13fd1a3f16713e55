"""Classes whose objects stand for those of an application."""

import collections
import datetime
import enum

Point = collections.namedtuple("Point", "x y")


class Plain:
    def __init__(self, name, value):
        self.name, self.value = name, value

    def __eq__(self, other):
        return type(other) is Plain and self.__dict__ == other.__dict__

    def __hash__(self):
        # An object is made before its fields are set, so that nothing else can be used here.
        return 7


class Empty:
    def __eq__(self, other):
        return type(other) is Empty


class Slots:
    __slots__ = ("a", "b")

    def __init__(self, a, b):
        self.a, self.b = a, b

    def __eq__(self, other):
        return type(other) is Slots and (self.a, self.b) == (other.a, other.b)


class WithNewArgs:
    def __new__(cls, number):
        self = object.__new__(cls)
        self.number = number
        return self

    def __getnewargs__(self):
        return (self.number,)

    def __eq__(self, other):
        return type(other) is WithNewArgs and self.number == other.number


class WithKeywords:
    def __new__(cls, a, *, b):
        self = object.__new__(cls)
        self.a, self.b = a, b
        return self

    def __getnewargs_ex__(self):
        return (self.a,), {"b": self.b}

    def __eq__(self, other):
        return type(other) is WithKeywords and self.__dict__ == other.__dict__


class Reduced:
    def __init__(self, number):
        self.number = number

    def __reduce__(self):
        return Reduced, (self.number,), {"number": self.number, "extra": [1]}

    def __eq__(self, other):
        return type(other) is Reduced and self.number == other.number


class Outer:
    class Inner:
        def __init__(self, number):
            self.number = number

        def __eq__(self, other):
            return type(other) is Outer.Inner and self.number == other.number


class Color(enum.Enum):
    RED = 1


class Level(enum.IntEnum):
    HIGH = 3


class MyInt(int):
    pass


class MyStr(str):
    pass


class MyList(list):
    pass


class MyDict(dict):
    pass


class MySet(set):
    pass


class MyFloat(float):
    pass


class MyTuple(tuple):
    pass


class Zone(datetime.tzinfo):
    def __init__(self, hours):
        self.hours = hours

    def utcoffset(self, _):
        return datetime.timedelta(hours=self.hours)

    def dst(self, _):
        return None

    def __getinitargs__(self):
        return (self.hours,)

    def __eq__(self, other):
        return type(other) is Zone and self.hours == other.hours


def function():
    return None
