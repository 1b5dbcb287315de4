"""Names that are kept for programs that were written before there were better ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # Type checkers bring it along; at run time it would be one more dependency before Python 3.13.
    from typing_extensions import deprecated
else:
    import functools
    import warnings

    def deprecated(message):
        """As `warnings.deprecated` of Python 3.13: who calls it is warned."""

        def mark(function):
            @functools.wraps(function)
            def warned(*args, **kwargs):
                warnings.warn(f"{function.__name__}: {message}", DeprecationWarning, stacklevel=2)
                return function(*args, **kwargs)

            warned.__deprecated__ = message
            return warned

        return mark


__all__ = ["deprecated"]
