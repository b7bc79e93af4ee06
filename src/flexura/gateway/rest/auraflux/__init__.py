"""The production surface, in the words of the AuraFlux page. Base `/v1`."""
