"""The whole stack on one machine: real parts, each a child process."""
