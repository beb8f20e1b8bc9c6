"""Metrics: functions from the record to samples, and the statistics that turn samples into estimates."""
