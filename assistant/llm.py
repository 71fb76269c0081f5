"""SEAM 3: a chat model from a setting, or none (the only importer of langchain's chat models)."""

from typing import Any

from langchain_core.language_models import BaseChatModel

from assistant.errors import ModelError, SettingsError
from assistant.settings import Settings

# Provider, as init_chat_model calls it, and the extra of this project that installs it.
EXTRAS = {"openai": "openai", "ollama": "ollama", "anthropic": "anthropic", "mistralai": "mistral"}
NO_KEY = "none"  # sent to a server of one's own: the key that is meant for a model's maker stays with its maker


def open_model(settings: Settings) -> BaseChatModel | None:
    """Return the chat model that UCCN_LLM names, or None where it is empty; nothing is imported for None.

    No request is made. Raises SettingsError where the name cannot be read or a key is missing, ModelError where
    the provider's package is not installed, with the command that installs it.
    """
    if not settings.llm:
        return None
    provider, _, name = settings.llm.partition(":")
    if not name.strip():
        known = ", ".join(f"{provider}:NAME" for provider in EXTRAS)
        raise SettingsError(f"UCCN_LLM={settings.llm!r} is no model: write one of {known}, or unset it")
    from langchain.chat_models import init_chat_model

    try:
        return init_chat_model(settings.llm, **_options(provider, settings))  # type: ignore[no-any-return]
    except ImportError as error:
        raise ModelError(
            f"UCCN_LLM={settings.llm!r} needs a package that is not installed: {_remedy(provider, error)}"
        ) from error
    except Exception as error:  # each provider has errors of its own, for a missing key above all
        raise SettingsError(f"UCCN_LLM={settings.llm!r} cannot be used: {str(error).splitlines()[0]}") from error


def _options(provider: str, settings: Settings) -> dict[str, Any]:
    seconds = settings.llm_timeout_seconds
    if provider == "ollama":
        options: dict[str, Any] = {"client_kwargs": {"timeout": seconds}}
    else:
        options = {"timeout": seconds, "max_retries": 1}
        key = settings.llm_api_key.get_secret_value() or (NO_KEY if settings.llm_base_url else "")
        options |= {"api_key": key} if key else {}
    return options | ({"base_url": settings.llm_base_url} if settings.llm_base_url else {})


def _remedy(provider: str, error: ImportError) -> str:
    if provider in EXTRAS:
        return f"run `pip install -c constraints.txt -e '.[{EXTRAS[provider]}]'`"
    return str(error)
