"""The shell: one command in, at most one write at NetSuite, one outcome out."""
