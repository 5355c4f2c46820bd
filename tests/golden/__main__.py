"""Writes anew what follows in every golden file."""

from tests.golden.files import golden_files, write

for golden in golden_files():
    write(golden)
    print(f"{golden.name} written")
