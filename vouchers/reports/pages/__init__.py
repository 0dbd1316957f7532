"""Pages of reports: a pilot's and its signed ones, several pilots', the lines behind a figure, the public sums."""
