"""Spreadsheets as a way to hand in messages: templates out, filled files in, marked files back.

A file becomes messages in the JSON form and takes the same road as everybody's: the inbox. Nothing here decides about
a paper; what is refused here is a file that cannot be read, or a cell whose contents the spreadsheet has changed.
"""
