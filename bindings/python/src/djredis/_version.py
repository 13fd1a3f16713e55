"""The version of this package, which is the version of the library that it is built with."""

__version__ = "0.1.0"
