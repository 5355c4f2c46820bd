"""Shares of a record that mean more to a writer than the fields in them."""

CANCEL = "cancel"
"""Close whatever of the order is still open. The lines of the command say nothing."""
