"""What people read in the terminal: answers worded and laid out, nothing decided."""
