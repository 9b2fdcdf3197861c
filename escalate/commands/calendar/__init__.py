"""Commands that show the calendars the file keeps, and change them."""
