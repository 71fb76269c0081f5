from pathlib import Path

import pytest
from pydantic import ValidationError

from assistant.errors import SettingsError
from assistant.settings import Settings


def test_every_default_works_offline():
    settings = Settings()

    assert settings.host == "127.0.0.1"
    assert settings.allowed_origins == ()
    assert settings.embedding == "all-MiniLM-L6-v2"


def test_the_environment_is_read_and_arguments_win_over_it(monkeypatch):
    monkeypatch.setenv("UCCN_PORT", "9001")
    monkeypatch.setenv("UCCN_CORPUS", "elsewhere")

    assert Settings().port == 9001
    assert Settings().corpus == Path("elsewhere")
    assert Settings(port=9002).port == 9002


def test_origins_are_parted_by_commas(monkeypatch):
    monkeypatch.setenv("UCCN_ALLOWED_ORIGINS", "https://a.example, https://b.example,")

    assert Settings().allowed_origins == ("https://a.example", "https://b.example")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("UCCN_PORT", "many"),
        ("UCCN_PORT", "0"),
        ("UCCN_PORT", "70000"),
        ("UCCN_THREADS", "0"),
        ("UCCN_MAX_QUESTION_CHARS", "5"),
    ],
)
def test_a_value_that_cannot_work_is_named_by_its_variable(monkeypatch, name, value):
    monkeypatch.setenv(name, value)

    with pytest.raises(SettingsError, match=name):
        Settings()


def test_settings_cannot_be_changed():
    with pytest.raises(ValidationError):
        Settings().port = 1


def test_every_setting_says_what_it_is():
    assert all(field.description for field in Settings.model_fields.values())
