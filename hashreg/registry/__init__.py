"""SERVER: where cases, reports, matches and events are kept."""
