"""Chats that come from other programs, or go there: one file for each format. Nothing here reads a disk."""
