"""One module per door: what each page asks the services and shows."""
