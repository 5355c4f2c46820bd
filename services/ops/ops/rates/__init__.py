"""Rates and base amounts as both systems show them."""
