"""The staff directory, roles and sign-in: who works here and who may do what."""
