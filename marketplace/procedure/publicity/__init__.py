"""Public notice periods, objections and rulings."""
