"""Raw files as they arrive: one module a kind of file, each giving the tables of a package."""
