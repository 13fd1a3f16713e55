"""A small Django site that caches what sites cache."""
