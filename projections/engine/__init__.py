"""What runs the views: batches, marks, memory, parking. It knows no view."""
