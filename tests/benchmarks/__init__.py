"""What the server costs, beside a bare one: `python -m tests.benchmarks` prints the table."""
