"""Plumbing that every service runs on: no business words."""
