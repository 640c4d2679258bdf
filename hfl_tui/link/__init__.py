"""What the screen reads: journal, board and lock, folded into pictures. Knows no Textual."""
