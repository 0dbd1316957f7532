"""How a decision is made in public: panels and notice periods."""
