"""The ground every chapter stands on: database, money, time, states, events, errors. No Flask here."""
