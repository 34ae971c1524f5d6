"""From cohort data on gluteal strength, self-tests and low back pain to a publishable answer."""

__version__: str


def __getattr__(name: str) -> str:
    """Read the version where it is declared once: in the package's metadata."""
    if name == "__version__":
        from importlib.metadata import version

        return version("gluteal")
    raise AttributeError(f"module 'gluteal' has no attribute {name!r}")
