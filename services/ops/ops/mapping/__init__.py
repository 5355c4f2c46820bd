"""The map as people read it: on the terminal and in the generated documents."""
