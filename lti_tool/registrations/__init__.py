"""Registration of platforms: dynamic registration, the commands of operators, and our keys."""
