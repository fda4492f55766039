"""Which script a text is in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.sentiment.scripts import script_of


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("השירות שלכם נורא", "Hebrew"),
        ("الخدمة سيئة جدا", "Arabic"),
        ("Сервис ужасный", "Cyrillic"),
        ("Κακή εξυπηρέτηση", "Greek"),
        ("联合航空的服务真差", "Han"),
        ("ユナイテッドの対応が最悪", "Kana"),
        ("서비스가 별로예요", "Hangul"),
        ("บริการแย่มาก", "Thai"),
        ("सेवा बहुत खराब है", "Devanagari"),
        ("ה-Wi-Fi לא עובד", "Hebrew"),
    ],
)
def test_a_script_is_known_by_its_letters(text: str, name: str) -> None:
    script = script_of(text)
    assert script is not None
    assert script.name == name


@pytest.mark.parametrize(
    "text", ["plain", "mulțumesc, ăîșț", "naïve café ß ø", "“quoted” – 5 € 😡", "", "we say תודה at the end", "𝐛𝐨𝐥𝐝"]
)
def test_latin_letters_signs_and_a_word_of_another_script_are_no_script(text: str) -> None:
    assert script_of(text) is None


@given(st.text(max_size=200))
def test_the_order_of_the_letters_does_not_matter(text: str) -> None:
    assert script_of(text) == script_of(text[::-1])
