"""The store: what every store promises, and what this one does when its file fails it."""
