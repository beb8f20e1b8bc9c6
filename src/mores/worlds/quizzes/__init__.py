"""Quizzes: questions put to agents alone and in company."""
