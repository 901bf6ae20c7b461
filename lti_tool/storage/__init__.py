"""The database session and the migrations."""
