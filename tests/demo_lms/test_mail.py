"""The demo keeps the mail of its tools and shows it."""

import smtplib
from email.message import EmailMessage

import requests

from demo_lms.mail import MOST_MAILS, MailBox, mail_server
from demo_lms.running import Running
from tests.support.tool import free_port


def message(number: int = 0) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = "Minga <minga@tool.example>"
    mail["To"] = "joao@example.org"
    mail["Subject"] = f"Post <{number}>"
    mail.set_content("أهلا\nhttps://tool.example/d/1 <script>alert(1)</script>")
    return mail


def test_a_mail_is_accepted_over_smtp_and_shown_without_running_anything() -> None:
    port = free_port()
    with Running() as lms, mail_server(lms.state.mail, "127.0.0.1", port):
        with smtplib.SMTP("127.0.0.1", port) as smtp:
            smtp.send_message(message())
        page = requests.get(lms.url + "/mail", timeout=10).text
    assert "Post &lt;0&gt;" in page
    assert 'href="https://tool.example/d/1"' in page
    assert "<script>alert" not in page


def test_only_the_newest_mails_are_kept() -> None:
    box = MailBox()
    for number in range(MOST_MAILS + 5):
        box.add(message(number).as_bytes(), ["joao@example.org"])
    assert len(box.all()) == MOST_MAILS
    assert box.all()[0].subject == f"Post <{MOST_MAILS + 4}>"
