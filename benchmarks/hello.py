"""The floor: a Flask application that answers "hello", whatever it is asked."""

from flask import Flask

app = Flask("hello")


@app.route("/<path:anything>", methods=["GET", "POST"])
def hello(anything: str) -> str:
    return "hello"
