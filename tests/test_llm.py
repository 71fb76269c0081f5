"""The seam to a language model: off by default, and each thing that is missing said in one sentence."""

import sys
import tomllib
from pathlib import Path

import pytest
from langchain.chat_models import base

from assistant.errors import ModelError, SettingsError
from assistant.llm import EXTRAS, open_model
from assistant.settings import Settings

PACKAGES = {
    "openai": "langchain_openai",
    "ollama": "langchain_ollama",
    "anthropic": "langchain_anthropic",
    "mistralai": "langchain_mistralai",
}


def test_without_the_setting_there_is_no_model():
    assert open_model(Settings()) is None


def test_every_provider_has_its_extra_in_pyproject():
    extras = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text())["project"][
        "optional-dependencies"
    ]

    assert set(PACKAGES) == set(EXTRAS)
    for provider, extra in EXTRAS.items():
        assert extras[extra][0].startswith(PACKAGES[provider].replace("_", "-") + "==")


@pytest.mark.parametrize("provider", PACKAGES)
def test_a_package_that_is_missing_is_named_with_the_command_that_installs_it(provider, monkeypatch):
    monkeypatch.setitem(sys.modules, PACKAGES[provider], None)  # an import of it now fails,
    base._get_chat_model_creator.cache_clear()  # where no earlier test had it imported
    with pytest.raises(ModelError, match=rf"pip install .*\[{EXTRAS[provider]}\]"):
        open_model(Settings(llm=f"{provider}:some-model", llm_api_key="k"))


@pytest.mark.parametrize("name", ["some-model", "openai:", "nobody:some-model", ":"])
def test_a_name_that_is_no_model_is_refused(name):
    with pytest.raises(SettingsError, match="UCCN_LLM"):
        open_model(Settings(llm=name))


@pytest.mark.parametrize("provider", PACKAGES)
def test_address_time_and_key_reach_the_model(provider):
    pytest.importorskip(PACKAGES[provider])

    model = open_model(
        Settings(
            llm=f"{provider}:some-model", llm_base_url="http://127.0.0.1:9/v1", llm_api_key="k", llm_timeout_seconds=7
        )
    )

    held = repr(model.__dict__)
    assert "http://127.0.0.1:9/v1" in held
    assert "7" in repr({name: value for name, value in model.__dict__.items() if "timeout" in name or "kwargs" in name})


def test_the_key_of_the_maker_is_not_sent_to_another_server(monkeypatch):
    pytest.importorskip("langchain_openai")
    monkeypatch.setenv("OPENAI_API_KEY", "secret of the maker")

    model = open_model(Settings(llm="openai:some-model", llm_base_url="http://127.0.0.1:9/v1"))

    assert model.openai_api_key.get_secret_value() == "none"


def test_a_key_that_is_missing_is_said_in_one_line(monkeypatch):
    pytest.importorskip("langchain_openai")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)

    with pytest.raises(SettingsError, match="OPENAI_API_KEY") as caught:
        open_model(Settings(llm="openai:some-model"))

    assert "\n" not in str(caught.value)


def test_a_key_is_never_shown():
    assert "secret" not in str(Settings(llm_api_key="secret"))
