"""One module per kind of figure: ``draw`` makes it, ``describe`` says it in words.

A module has

``draw(panels, estimates, plan)``
    a matplotlib ``Figure`` from the data that a fit left for it, its estimates and its plan;
``describe(panels, estimates, plan)``
    the same in words, the alternative text for who cannot see the figure.

Sizes, type, colours and the writing of files are those of ``style``.
"""
