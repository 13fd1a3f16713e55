//! Named options: one table that makes the parser, the defaults and the docs.
