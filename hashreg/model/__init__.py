"""What things are: values, states, errors and our JSON of them. Standard library only, no I/O."""
