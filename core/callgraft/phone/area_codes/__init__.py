"""Area codes by region, as data."""
