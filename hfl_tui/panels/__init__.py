"""Pure functions from a picture to lines of styled text. They know no Textual and no clock."""
