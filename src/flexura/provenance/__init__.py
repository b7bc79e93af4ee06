"""What a file was made from: the record, and its way into files and out of them without re-encoding."""
