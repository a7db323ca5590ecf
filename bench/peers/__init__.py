"""What others would run instead of dissensus: it is verified against it, then timed beside it."""
