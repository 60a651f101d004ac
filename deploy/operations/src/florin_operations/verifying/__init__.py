"""Whether the invariants of the road hold on a live system."""
