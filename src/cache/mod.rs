//! The operations, in Django's words.
