"""The domain: values only, standard library only."""
