"""What a junction can remember, whatever network reads it."""
