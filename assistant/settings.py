"""Settings from UCCN_* environment variables; the only reader of the environment."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from assistant.errors import SettingsError

BUILT_IN_EMBEDDING = "all-MiniLM-L6-v2"
BUILT_IN_RERANKER = "ms-marco-MiniLM-L-12-v2"

Keep = Literal["off", "hashed", "full"]


class Settings(BaseSettings):
    """Every setting, each with a default that works offline."""

    model_config = SettingsConfigDict(env_prefix="UCCN_", frozen=True, extra="ignore")

    corpus: Path = Field(Path("corpus"), description="folder of source documents")
    glossary: Path = Field(Path("corpus/glossary.csv"), description="phrases that people use, with the corpus's terms")
    index: Path = Field(Path("index"), description="folder of the built index")
    embedding: str = Field(BUILT_IN_EMBEDDING, description="the built-in model, or a Hugging Face id or local path")
    reranker: str = Field(BUILT_IN_RERANKER, description="the built-in cross-encoder")
    llm: str = Field("", description="a language model for prose, as `openai:NAME` or `ollama:NAME`; empty: none")
    llm_base_url: str = Field("", description="address of the model's server, where it is not its maker's own")
    llm_api_key: SecretStr = Field(SecretStr(""), description="key for the model's server; empty: its maker's variable")
    llm_timeout_seconds: float = Field(
        30.0, gt=0, le=600, description="what the model is given for an answer, in seconds"
    )
    host: str = Field("127.0.0.1", description="address that the server listens on")
    port: int = Field(7860, ge=1, le=65535, description="port that the server listens on")
    allowed_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="origins that may call the API and frame the chat, parted by commas"
    )
    max_question_chars: int = Field(2000, ge=100, le=20000, description="longest question taken, in characters")
    database_url: str = Field("sqlite:///store/uccn.sqlite3", description="database of questions and ratings")
    keep_questions: Keep = Field(
        "off", description="what is kept of a question: `off` nothing, `hashed` a digest without its words, `full` all"
    )
    keep_days: int = Field(90, ge=1, le=3650, description="days after which what is kept may be deleted")
    threads: int = Field(2, ge=1, le=256, description="CPU threads that the models may use")

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

    @field_validator("allowed_origins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        """Part a text at its commas, as it stands in the environment."""
        return tuple(filter(None, map(str.strip, value.split(",")))) if isinstance(value, str) else value
