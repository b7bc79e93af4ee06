"""What we need from outside: Protocols, only where two adapters exist."""
