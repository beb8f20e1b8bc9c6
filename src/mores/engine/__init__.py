"""The engine: runs a study. Scheduling, asking, the call store, the record, resuming, workers."""
