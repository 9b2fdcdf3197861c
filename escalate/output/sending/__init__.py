"""What leaves the program: digest, mail, calendar files, exports, forms."""
