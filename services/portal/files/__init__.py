"""Files read and written: lists, workbooks, the programme for conference tools, paper."""
