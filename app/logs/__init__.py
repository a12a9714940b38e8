"""What the Data page is made of: uploads, columns, imports and their undo, what the store holds."""
