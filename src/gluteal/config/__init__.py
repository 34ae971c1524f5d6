"""The study as its config.yaml states it, and the plan of each analysis made from it."""
