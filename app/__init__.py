"""The merchandiser's pages, in Streamlit. Calls engine and db; never imports torch."""
