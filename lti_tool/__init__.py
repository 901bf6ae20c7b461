"""The live tool: shows a module inside an LMS over LTI 1.3 and stores its discussion."""
