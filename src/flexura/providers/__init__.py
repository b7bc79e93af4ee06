"""Who makes and who finds: one upstream, one file; the folders are the registries."""
