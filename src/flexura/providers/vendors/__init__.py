"""Parts of adapters that grew past one readable file: what one vendor's wire format needs, named after it."""
