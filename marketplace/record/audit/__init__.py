"""Who did what, sealed so that nobody can change it unseen."""
