"""The engine's pure parts, told one by one."""
