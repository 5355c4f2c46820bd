"""What `doctor` looks at, one module for each thing it asks."""
