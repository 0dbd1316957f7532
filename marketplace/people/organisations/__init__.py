"""Organisations by their unified social credit code, with capacities, history and bank accounts."""
