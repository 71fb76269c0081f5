"""Settings from UCCN_* environment variables; the only reader of the environment."""

import re
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, EnvSettingsSource, NoDecode, SettingsConfigDict

from assistant.errors import SettingsError
from assistant.keys import read_key
from assistant.origins import normal, normals

BUILT_IN_EMBEDDING = "all-MiniLM-L6-v2"
BUILT_IN_RERANKER = "ms-marco-MiniLM-L-12-v2"

Keep = Literal["off", "hashed", "full"]
LogFormat = Literal["text", "json"]
Listed = Annotated[tuple[str, ...], NoDecode]  # parted by commas in the environment

_RATE = r"^(\d+/(second|minute|hour|day)(;\d+/(second|minute|hour|day))*)?$"
_PASSWORD = re.compile(r"://[^@/]+@")


class Settings(BaseSettings):
    """Every setting, each with a default that works offline."""

    model_config = SettingsConfigDict(env_prefix="UCCN_", frozen=True, extra="ignore")

    corpus: Path = Field(Path("corpus"), description="folder of source documents")
    glossary: Path = Field(Path("corpus/glossary.csv"), description="phrases that people use, with the corpus's terms")
    index: Path = Field(Path("index"), description="folder of the built index")
    chroma_url: str = Field(
        "", pattern=r"^(https?://[^/@\s]+)?$", description="address of a Chroma server for the vectors; empty: `index`"
    )
    embedding: str = Field(BUILT_IN_EMBEDDING, description="the built-in model, or a Hugging Face id or local path")
    passage_words: int = Field(160, ge=40, le=400, description="about how many words a passage has, lists aside")
    reranker: str = Field(BUILT_IN_RERANKER, description="the built-in cross-encoder")
    llm: str = Field("", description="a language model for prose, as `openai:NAME` or `ollama:NAME`; empty: none")
    llm_base_url: str = Field("", description="address of the model's server, where it is not its maker's own")
    llm_api_key: SecretStr = Field(SecretStr(""), description="key for the model's server; empty: its maker's variable")
    llm_timeout_seconds: float = Field(
        30.0, gt=0, le=600, description="what the model is given for an answer, in seconds"
    )
    host: str = Field("127.0.0.1", description="address that the server listens on")
    port: int = Field(7860, ge=1, le=65535, description="port that the server listens on")
    public_url: str = Field("", description="address that visitors use; empty: the one that a request names")
    allowed_origins: Listed = Field(
        (), description="origins that may call the API and frame the chat, parted by commas"
    )
    trusted_proxies: Listed = Field(
        (), description="addresses or networks whose X-Forwarded-* and staff headers are believed"
    )
    staff_password: SecretStr = Field(SecretStr(""), description="password of the staff's pages; empty: no password")
    staff_header: str = Field(
        "", pattern=r"^[A-Za-z0-9-]*$", description="header in which a trusted proxy names who of the staff asks"
    )
    api_keys: Listed = Field((), description="hashes of the keys of programs, as `uccn key NAME` prints them")
    rate_asks: str = Field("30/minute;300/hour", pattern=_RATE, description="questions that one address may ask")
    rate_calls: str = Field("300/minute", pattern=_RATE, description="other calls that one address may make")
    rate_per_origin: str = Field("600/minute", pattern=_RATE, description="questions from all visitors of one website")
    rate_per_key: str = Field("600/minute", pattern=_RATE, description="questions with one key that names no rate")
    rate_store: str = Field(
        "memory://", pattern="^(memory|rediss?)://", description="where calls are counted: memory:// or redis://HOST"
    )
    answers_waiting: int = Field(100, ge=0, le=10_000, description="questions that may wait while others are answered")
    answer_timeout_seconds: float = Field(60.0, gt=0, le=600, description="longest time to an answer, waiting included")
    max_question_chars: int = Field(2000, ge=100, le=20000, description="longest question taken, in characters")
    cached_answers: int = Field(
        3000, ge=0, le=100_000, description="answers held in memory for whoever asks the same again; 0: none"
    )
    database_url: str = Field("sqlite:///store/uccn.sqlite3", description="database of questions and ratings")
    keep_questions: Keep = Field(
        "off", description="what is kept of a question: `off` nothing, `hashed` a digest without its words, `full` all"
    )
    keep_days: int = Field(90, ge=1, le=3650, description="days after which what is kept is deleted")
    threads: int = Field(2, ge=1, le=256, description="CPU threads that the models may use")
    log_format: LogFormat = Field("text", description="lines of the log as `text` or `json`")
    stop_seconds: float = Field(
        20.0, ge=0, le=600, description="longest time that answers are given to end when the server is stopped"
    )

    def __init__(self, **values: Any) -> None:
        """Read the environment; `values` win over it.

        Raises SettingsError with the name of the variable to change.
        """
        try:
            super().__init__(**values)
        except ValidationError as error:
            first = error.errors()[0]
            name = "UCCN_" + "_".join(str(part) for part in first["loc"]).upper()
            raise SettingsError(f"{name} cannot be used: {first['msg']}") from error

    def shown(self) -> dict[str, str]:
        """Return each setting by its variable as it may be shown: passwords and keys hidden, also within addresses."""
        texts = {f"UCCN_{name.upper()}": str(getattr(self, name)) for name in type(self).model_fields}
        texts["UCCN_API_KEYS"] = f"{len(self.api_keys)} of them"
        return {name: _PASSWORD.sub("://***@", text) for name, text in texts.items()}

    @field_validator("allowed_origins", "trusted_proxies", "api_keys", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        """Part a text at its commas, as it stands in the environment."""
        return tuple(filter(None, map(str.strip, value.split(",")))) if isinstance(value, str) else value

    @field_validator("allowed_origins")
    @classmethod
    def _origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return normals(value)

    @field_validator("public_url")
    @classmethod
    def _address(cls, value: str) -> str:
        return normal(value) if value else ""

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(str(ip_network(network, strict=False)) for network in value)

    @field_validator("api_keys")
    @classmethod
    def _keys(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for entry in value:
            read_key(entry)
        return value


def variables_set() -> list[str]:
    """Return the names of the UCCN_* variables of the environment, those that are no setting too."""
    found = EnvSettingsSource(Settings, case_sensitive=False).env_vars
    return sorted(name.upper() for name, value in found.items() if name.startswith("uccn_") and value is not None)


class TracingSettings(BaseSettings):
    """What OpenTelemetry's own variables say of where traces go; nowhere without an endpoint."""

    model_config = SettingsConfigDict(env_prefix="OTEL_", frozen=True, extra="ignore")

    service_name: str = "uccn-assistant"
    sdk_disabled: bool = False
    exporter_otlp_endpoint: str = ""
    exporter_otlp_traces_endpoint: str = ""

    @property
    def wanted(self) -> bool:
        """Say whether traces are to be sent."""
        return not self.sdk_disabled and bool(self.exporter_otlp_endpoint or self.exporter_otlp_traces_endpoint)
