"""The commands of `tallystick`, one module each."""
