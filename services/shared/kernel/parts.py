"""Shares of a record that mean more to a writer than the fields in them."""

CANCEL = "cancel"
"""Close whatever of the order is still open. The lines of the command say nothing."""
UNAPPLY = "unapply"
"""Take a payment off what it settles: each line says how much of it may still settle one document
at most. Less than that is left as it is."""
