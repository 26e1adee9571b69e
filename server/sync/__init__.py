"""The engine that keeps both sides in step: what is to be done is planned by pure functions, and then carried out."""
