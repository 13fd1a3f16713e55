"""Runs the conformance cases against real servers, through one driver for each language."""
