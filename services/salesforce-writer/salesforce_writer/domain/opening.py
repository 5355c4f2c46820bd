"""A document whose seals were opened, without what was erased."""

from kernel.values import Document, Fields, Sealed


def without_erased(sealed: Document, opened: Document, erased: str) -> Document:
    """Leaves out every value that opened to `erased`: what a person had us forget is neither
    written nor compared."""
    return Document(
        _kept(sealed.fields, opened.fields, erased),
        {
            name: tuple(
                _kept(before, line, erased)
                for before, line in zip(sealed.lines[name], lines, strict=True)
            )
            for name, lines in opened.lines.items()
        },
    )


def _kept(sealed: Fields, opened: Fields, erased: str) -> Fields:
    return {
        name: value
        for name, value in opened.items()
        if not (isinstance(sealed[name], Sealed) and value == erased)
    }
