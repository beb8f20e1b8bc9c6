"""The lever of words: personas, principles, memories; here also the numbers that stand for a persona."""
