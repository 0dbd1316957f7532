"""Expert panels: drawn, declared, scoring blind."""
