"""The clients that CLIENT_CLASS may name, or that one's own may be derived from."""

from __future__ import annotations

from djredis.django.clients import ClusterClient, DefaultClient, HerdClient, SentinelClient, ShardClient

__all__ = ["ClusterClient", "DefaultClient", "HerdClient", "SentinelClient", "ShardClient"]
