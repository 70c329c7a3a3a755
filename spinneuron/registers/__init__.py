"""Numbers as wide as a vector register, and Fourier transforms of lines of them."""
