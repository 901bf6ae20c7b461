"""What is stored about a person: shown to the person, downloaded, and erased."""
