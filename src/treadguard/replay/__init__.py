"""Reading journals back, and stepping the guard through them again."""
