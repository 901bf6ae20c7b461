"""The baseline: a Flask application that responds "hello" to every request."""

from flask import Flask

app = Flask("hello")


@app.route("/<path:anything>", methods=["GET", "POST"])
def hello(anything: str) -> str:
    return "hello"
