"""E-mail: the server's URL, messages, delivery over SMTP, and reports about failed delivery."""
