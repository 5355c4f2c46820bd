"""The vocabulary every service speaks: refs, money, values, messages, errors, codec."""
