"""What crosses a border: values, events, requests, errors and their JSON form. Standard library only."""
