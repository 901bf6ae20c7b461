"""The database session, the migrations and the outbox."""
