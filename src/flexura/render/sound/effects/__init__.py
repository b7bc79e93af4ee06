"""Sound effects by family: what each one is made of. `catalogue` knows them all by their words."""
