"""How good are these digits? What is judged in the eyes of a small frozen classifier."""
