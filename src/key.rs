//! prefix:version:key, there and back, and glob escaping.
