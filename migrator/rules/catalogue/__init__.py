"""One file for each rule, named after it. Dropping a file in is all it takes."""
