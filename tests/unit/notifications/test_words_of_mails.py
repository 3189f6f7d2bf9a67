"""What a person is shown of a mail that no machine can answer."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from services.notifications.adapters.reading import MOST_WORDS, words_of


def a_mail(text: str, subtype: str = "plain") -> EmailMessage:
    mail = EmailMessage()
    mail["Subject"] = "Re: Robotique"
    mail.set_content(text, subtype=subtype)
    return mail


def test_the_plain_text_is_shown_even_beside_html() -> None:
    mail = a_mail("C’est bon\n\n  pour moi.\x07\n")
    mail.add_alternative("<p>autre</p>", subtype="html")
    assert words_of(mail.as_bytes()) == "C’est bon\npour moi."


def test_of_html_alone_the_words_are_shown_without_tags_or_scripts() -> None:
    html = "<style>p {color: red}</style><p>C&rsquo;est <b>bon</b></p><script>alert(1)</script>"
    assert words_of(a_mail(html, "html").as_bytes()).split() == ["C’est", "bon"]


def test_a_long_mail_is_cut() -> None:
    assert len(words_of(a_mail("mot " * 5_000).as_bytes())) == MOST_WORDS


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe\x00",
        b"Content-Type: text/plain; charset=nowhere\r\n\r\nbonjour",
        b"Content-Type: application/pdf\r\n\r\n%PDF",
        b"Content-Type: multipart/mixed; boundary=a\r\n\r\n" + b"--a\r\n\r\nx\r\n" * 200,
    ],
    ids=["empty", "noise", "unknown charset", "no text", "parts by the hundred"],
)
def test_what_cannot_be_read_never_raises(raw: bytes) -> None:
    assert isinstance(words_of(raw), str)
