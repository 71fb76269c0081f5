"""Trains the adapters of the built-in models on the expected questions: `make adapt`.

Two are low-rank updates (LoRA, Hu and others 2021) of models that ship as int8 ONNX files, whose float weights are
read back from those files; the third is a matrix behind the multilingual encoder. No question of an eval set is read
here: those sets show what the training is worth.

`questions`: bge-small-en-v1.5 learns that questions of one statement, or wordings of one form, are near each other
and far from those of others in the same batch (multiple negatives ranking, Henderson and others 2017).
`reranker`: the cross-encoder learns which of the nearest statements and forms answer a question, with questions that
nothing answers among them. It reads what the first one finds, so it is trained after it.
`meanings`: vectors of questions in eight languages are brought together by one matrix.
"""

import itertools
import random
import re
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy
import torch
import typer
from rich.console import Console
from torch import Tensor, nn
from torch.nn import functional
from transformers import BertConfig, BertModel

from assistant.adapt import FOLDER, layer_of
from assistant.chunk import chunk
from assistant.corpus import read_corpus
from assistant.embed import MultilingualEmbeddings, Vectors
from assistant.forms import english_forms
from assistant.index import unit_text
from assistant.known import STAND_INS, forms_of
from assistant.models import QUESTION_EMBEDDING, RERANKER, BuiltInModel, model_folder
from assistant.translate import LANGUAGES
from assistant.vocabulary import FIELDS

ROOT = Path(__file__).parent
UNANSWERABLE = ROOT / "training" / "unanswerable.txt"  # questions that nothing in the corpus answers
NEAR_MISSES = ROOT / "training" / "near-misses.txt"  # with slots: like the forms, but of what the tables do not have

RANK = 16
SCALE = 2.0  # of the update, in training; it is folded into what is written
QUESTION_RATE, RERANKER_RATE = 8e-4, 4e-4  # highest learning rates, reached after WARM_UP steps, then falling to 0
WARM_UP = 30
BATCH = 64  # questions a step
SHARPNESS = 20.0  # of the cosines in the loss: the usual inverse temperature
READ = 16  # questions a step of the reranker, with 4 texts each
TEXTS = 4
BARE = 0.25  # share of the questions whose texts stand without an expected question, as in a corpus that has none
MATRIX_STEPS, MATRIX_BATCH, MATRIX_RATE = 550, 256, 5e-4
HELD = 0.0025  # weight of the squared distance from the identity
SAME = 0.93  # cosine from which on another statement is taken to be as right
REGIONS = ("Africa", "Europe", "Asia", "Latin America", "Arab States")
YEARS = range(2004, 2026)

app = typer.Typer(add_completion=False, help="Train the adapters of the built-in models.")
out = Console()


@dataclass(frozen=True, slots=True)
class Answered:
    """A statement with the questions that are expected of it."""

    document: str
    text: str
    in_context: str
    questions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """A question with texts that answer it and texts that do not."""

    question: str
    right: tuple[str, ...]
    wrong: tuple[str, ...]


class LowRank(nn.Module):
    """A linear layer that stays as it is, plus a trained product of two small matrices."""

    def __init__(self, base: nn.Linear) -> None:
        super().__init__()
        self.base = base.requires_grad_(False)
        self.a = nn.Parameter(torch.randn(RANK, base.in_features) * 0.02)
        self.b = nn.Parameter(torch.zeros(base.out_features, RANK))

    def forward(self, x: Tensor) -> Tensor:
        """Return the layer's output; shapes as those of the layer."""
        output: Tensor = self.base(x) + (x @ self.a.T) @ self.b.T * SCALE
        return output


class Encoder(nn.Module):
    """A built-in model in float32 with a low-rank update at each linear layer: BERT, with a score where it has one."""

    def __init__(self, model: BuiltInModel, *, max_tokens: int) -> None:
        super().__init__()
        from tokenizers import Tokenizer

        folder = model_folder(model)
        weights = float_weights(folder / "model.onnx")
        scores = "classifier.weight" in weights
        config = BertConfig(hidden_size=384, num_hidden_layers=12, num_attention_heads=12, intermediate_size=1536)
        self.bert = BertModel(config, add_pooling_layer=scores)
        self.bert.load_state_dict({name: value for name, value in weights.items() if not name.startswith("classifier")})
        self.classifier = nn.Linear(384, 1) if scores else None
        if self.classifier:
            own = {name.removeprefix("classifier."): value for name, value in weights.items() if "classifier" in name}
            self.classifier.load_state_dict(own)
        self.requires_grad_(False)
        for module in list(self.bert.modules()):
            for child, layer in list(module.named_children()):
                if isinstance(layer, nn.Linear):
                    setattr(module, child, LowRank(layer))
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(max_tokens)
        self._tokenizer.enable_padding()

    def forward(self, texts: Sequence[str] | Sequence[tuple[str, str]]) -> Tensor:
        """Return a vector of length 1 a text, or where the model scores, the logit of each pair."""
        encoded = self._tokenizer.encode_batch(list(texts))
        ids, mask, types = (
            torch.tensor([getattr(one, part) for one in encoded]) for part in ("ids", "attention_mask", "type_ids")
        )
        with torch.autocast("cpu", dtype=torch.bfloat16):
            output = self.bert(ids, attention_mask=mask, token_type_ids=types)
            if self.classifier:
                logits: Tensor = self.classifier(output.pooler_output)[:, 0].float()
                return logits
        return functional.normalize(output.last_hidden_state[:, 0].float(), dim=-1)

    @torch.no_grad()
    def vectors(self, texts: Sequence[str]) -> Vectors:
        """Return one row a text, in order."""
        self.eval()
        rows = numpy.zeros((len(texts), 384), numpy.float32)
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        for start in range(0, len(order), 128):
            batch = order[start : start + 128]
            rows[batch] = self([texts[i] for i in batch]).numpy()
        return rows

    def update(self) -> dict[str, Any]:
        """Return what was learnt, as `assistant.adapt` reads it."""
        learnt = {name: value for name, value in self.bert.state_dict().items() if name.endswith((".a", ".b"))}
        return {
            name: (value * (SCALE if name.endswith(".b") else 1.0)).numpy().astype(numpy.float16)
            for name, value in learnt.items()
        }


def float_weights(path: Path) -> dict[str, Tensor]:
    """Return the weights of an int8 ONNX file of BERT in float32, under the names of transformers."""
    import onnx
    from onnx import numpy_helper

    graph = onnx.load(str(path)).graph
    held = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}

    def restored(name: str) -> Any:
        whole, scale, zero = (held[f"{name}_{part}"] for part in ("quantized", "scale", "zero_point"))
        return (whole.astype(numpy.float32) - zero) * scale

    weights = {
        name: value
        for name, value in held.items()
        if re.match(r"(?:bert\.)?(?:embeddings|encoder|pooler|classif)", name)
    }
    tables = [name for name in weights if name.endswith("_quantized")]
    weights = {
        name: value for name, value in weights.items() if not re.search(r"_(?:quantized|scale|zero_point)$", name)
    }
    weights |= {name.removesuffix("_quantized"): restored(name.removesuffix("_quantized")) for name in tables}
    for node in graph.node:
        layer = layer_of(node.output[0])
        if node.op_type == "MatMulInteger" and layer.startswith(("encoder", "pooler")):
            weights[f"{layer}.weight"] = restored(node.input[1].removesuffix("_quantized")).T
    if "classifier.weight" in weights:
        weights["classifier.weight"] = weights["classifier.weight"].reshape(1, -1)
    return {
        name.removeprefix("bert."): torch.tensor(numpy.ascontiguousarray(value, dtype=numpy.float32))
        for name, value in weights.items()
    }


class Taught:
    """What there is to learn from: statements with their questions, forms with their wordings, and what is neither."""

    def __init__(self, corpus: Path, seed: int = 0) -> None:
        self.random = random.Random(seed)
        read = read_corpus(corpus)
        expected = {
            (row.document, row.statement): row.questions for row in read.tables.expected if row.language == "en"
        }
        self.statements = [
            Answered(source.id, unit.text, unit_text(passage, unit), expected[source.id, unit.text])
            for source in read.sources
            if source.kind != "view"
            for passage in chunk(source)
            for unit in passage.units
            if (source.id, unit.text) in expected
        ]
        self.forms: dict[str, list[str]] = defaultdict(list)
        for form in english_forms():
            self.forms[form.reading].append(form.asked)
        self.unanswerable = UNANSWERABLE.read_text(encoding="utf-8").split("\n")[:-1]
        self.near_misses = NEAR_MISSES.read_text(encoding="utf-8").split("\n")[:-1]
        self._cities = [city.name for city in read.tables.cities]
        self._countries = sorted({city.country for city in read.tables.cities})

    def names(self) -> dict[str, str]:
        """Return names for the slots of a form, by chance."""
        pairs = {"city": self._cities, "country": self._countries, "field": FIELDS}
        names = {"region": self.random.choice(REGIONS), "year": str(self.random.choice(YEARS))}
        for slot, held in pairs.items():
            names[slot], names[f"{slot}2"] = self.random.sample(list(held), 2)
        return names

    def batches(self) -> Iterator[tuple[list[str], list[str], list[str]]]:
        """Yield questions, what asks or says the same as each of them, and questions that none of them is."""
        asked_twice = [one for one in self.statements if len(one.questions) > 1]
        worded_twice = [words for words in self.forms.values() if len(words) > 1]
        by_document = defaultdict(list)
        for one in asked_twice:
            by_document[one.document].append(one)
        for step in itertools.count():
            if step % 6 == 0:
                chosen = self.random.sample(self.statements, BATCH)
                yield [self.random.choice(one.questions) for one in chosen], [one.text for one in chosen], []
            elif step % 6 == 3:
                names = self.names()
                worded = [self.random.sample(words, 2) for words in self.random.sample(worded_twice, BATCH)]
                others = self.random.sample(self.near_misses, BATCH // 2)
                filled = [[text.format(**names) for text in texts] for texts in (*zip(*worded, strict=True), others)]
                yield filled[0], filled[1], filled[2]
            else:
                chosen = self.random.sample(asked_twice, BATCH) if step % 2 else self._of_few(by_document)
                pairs = [self.random.sample(one.questions, 2) for one in chosen]
                others = self.random.sample(self.unanswerable, BATCH // 3)
                yield [first for first, _ in pairs], [second for _, second in pairs], others

    def _of_few(self, by_document: Mapping[str, list[Answered]]) -> list[Answered]:
        """Return statements of few documents, which are hard to tell apart."""
        chosen: list[Answered] = []
        for document in self.random.sample(list(by_document), len(by_document)):
            held = by_document[document]
            chosen += self.random.sample(held, min(len(held), BATCH // 2))
            if len(chosen) >= BATCH:
                break
        return chosen[:BATCH]

    def examples(self, encoder: Encoder) -> list[Example]:
        """Return questions with the texts that the first stage brings for each, as the reranker will read them."""
        examples = [*self._of_statements(encoder), *self._of_forms(encoder)]
        self.random.shuffle(examples)
        return examples

    def _of_statements(self, encoder: Encoder) -> Iterator[Example]:
        questions = [question for one in self.statements for question in one.questions]
        owner = numpy.array([i for i, one in enumerate(self.statements) for _ in one.questions])
        vectors = encoder.vectors(questions)
        first = numpy.searchsorted(owner, numpy.arange(len(self.statements)))

        def read(statement: int, cosines: Any, bare: bool = False) -> str:
            """Return a statement behind the nearest of its questions, or without one."""
            span = slice(first[statement], first[statement] + len(self.statements[statement].questions))
            nearest = int(first[statement] + cosines[span].argmax())
            context = self.statements[statement].in_context
            return context if bare or cosines[nearest] <= -1 else f"{questions[nearest]} {context}"

        def wrong(cosines: Any, besides: int = -1, bare: bool = False) -> tuple[str, ...]:
            found: dict[int, float] = {}
            for i in numpy.argsort(-cosines)[:200]:
                if owner[i] != besides and len(found) < 10:
                    found.setdefault(int(owner[i]), float(cosines[i]))
            most = SAME if besides >= 0 else 1.0
            return tuple(read(statement, cosines, bare) for statement, cosine in found.items() if cosine < most)

        for i, question in enumerate(questions):
            cosines = vectors @ vectors[i]
            cosines[i] = -1
            own, bare = int(owner[i]), self.random.random() < BARE
            yield Example(question, (read(own, cosines, bare),), wrong(cosines, own, bare))
        for question, vector in zip(self.unanswerable, encoder.vectors(self.unanswerable), strict=True):
            yield Example(question, (), wrong(vectors @ vector))

    def _of_forms(self, encoder: Encoder) -> Iterator[Example]:
        worded = [(asked, reading) for reading, words in self.forms.items() for asked in words]
        slots = [frozenset(re.findall(r"\{(\w+)\}", asked)) for asked, _ in worded]
        vectors = encoder.vectors([asked.format(**STAND_INS) for asked, _ in worded])

        def near(vector: Any, wanted: frozenset[str], names: Mapping[str, str], besides: int = -1) -> dict[str, str]:
            found: dict[str, str] = {}
            for i in numpy.argsort(-(vectors @ vector)):
                if slots[i] == wanted and i != besides:
                    asked, reading = worded[i]
                    found.setdefault(reading, f"{asked.format(**names)} {reading.format(**names)}")
            return found

        for i, (asked, reading) in enumerate(worded):
            for _ in range(2):
                names = self.names()
                found = near(vectors[i], slots[i], names, besides=i)
                right = (found.pop(reading),) if reading in found else ()
                yield Example(asked.format(**names), right, tuple(found.values())[:8] if right else ())
        for asked, vector in zip(
            self.near_misses, encoder.vectors([one.format(**STAND_INS) for one in self.near_misses]), strict=True
        ):
            for _ in range(3):
                names = self.names()
                found = near(vector, frozenset(re.findall(r"\{(\w+)\}", asked)), names)
                yield Example(asked.format(**names), (), tuple(found.values())[:8])


def train(encoder: Encoder, rate: float, minutes: float, losses: Iterator[Tensor]) -> None:
    """Take a step for each loss until the time is up, and show how it falls."""
    parameters = [value for value in encoder.parameters() if value.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=rate, weight_decay=0.01)
    began, shown = time.monotonic(), 0.0
    for step, loss in enumerate(losses):
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        shown = loss.item() if not step else 0.95 * shown + 0.05 * loss.item()
        done = (time.monotonic() - began) / 60 / minutes
        if step % 20 == 0:
            out.print(f"step {step}, loss {shown:.3f}, {done:.0%} of {minutes:g} minutes")
        if done >= 1:
            return
        for group in optimizer.param_groups:
            group["lr"] = rate * min(1.0, (step + 1) / WARM_UP) * (1 - done)


def ranking_losses(encoder: Encoder, taught: Taught) -> Iterator[Tensor]:
    """Yield the loss of a batch: each question among all answers, each answer among all questions."""
    for questions, same, others in taught.batches():
        encoder.train()
        cosines = encoder(questions) @ encoder([*same, *others]).T * SHARPNESS
        right = torch.arange(len(questions))
        forth = functional.cross_entropy(cosines, right)
        yield (forth + functional.cross_entropy(cosines[:, : len(questions)].T, right)) / 2


def answering_losses(encoder: Encoder, examples: Sequence[Example], chance: random.Random) -> Iterator[Tensor]:
    """Yield the loss of some examples: is each text right, and is the right one before the others."""
    examples = [one for one in examples if one.right or one.wrong]
    for start in range(0, len(examples) - READ, READ):
        encoder.train()
        pairs: list[tuple[str, str]] = []
        spans: list[slice] = []
        right: list[float] = []
        for one in examples[start : start + READ]:
            texts = [*one.right, *chance.sample(one.wrong, min(len(one.wrong), TEXTS - len(one.right)))]
            spans += [slice(len(pairs), len(pairs) + len(texts))] if one.right else []
            pairs += [(one.question, text) for text in texts]
            right += [float(text in one.right) for text in texts]
        logits = encoder(pairs)
        first = [functional.cross_entropy(logits[span][None], torch.tensor([0])) for span in spans]
        yield functional.binary_cross_entropy_with_logits(logits, torch.tensor(right)) + torch.stack(first).mean()


def matrix(corpus: Path, steps: int, chance: random.Random) -> Vectors:
    """Return the matrix that brings vectors of the multilingual encoder together where texts ask the same.

    It starts as the identity and is held near it. Groups are the questions of one statement, or the wordings of one
    form, in all languages.
    """
    groups: dict[tuple[str, ...], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in read_corpus(corpus).tables.expected:
        groups[row.document, row.statement][row.language] += row.questions
    for form in forms_of("en", *LANGUAGES):
        if form.reading:
            groups[form.reading, *sorted(form.slots)][form.language].append(form.asked.format(**STAND_INS))
    spoken = [group for group in groups.values() if len(group) > 1]
    worded = [group["en"] for group in groups.values() if len(group["en"]) > 1]
    texts = list(dict.fromkeys(text for group in groups.values() for said in group.values() for text in said))
    at = {text: i for i, text in enumerate(texts)}
    rows = torch.tensor(MultilingualEmbeddings().untaught(texts))
    turn = torch.eye(rows.shape[1], requires_grad=True)
    optimizer = torch.optim.Adam([turn], lr=MATRIX_RATE)
    for step in range(steps):
        if step % 2:
            chosen = chance.sample(spoken, MATRIX_BATCH)
            pairs = [[chance.choice(one[language]) for language in chance.sample(list(one), 2)] for one in chosen]
        else:
            pairs = [chance.sample(said, 2) for said in chance.sample(worded, MATRIX_BATCH)]
        batch = [at[text] for side in zip(*pairs, strict=True) for text in side]
        others = torch.randint(0, len(texts), (MATRIX_BATCH,))
        turned = functional.normalize(rows[torch.cat([torch.tensor(batch), others])] @ turn, dim=-1)
        cosines = turned[:MATRIX_BATCH] @ turned[MATRIX_BATCH:].T * SHARPNESS
        loss = functional.cross_entropy(cosines, torch.arange(MATRIX_BATCH))
        loss = loss + HELD * ((turn - torch.eye(len(turn))) ** 2).sum()
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    return turn.detach().numpy()


@app.command()
def main(
    corpus: Path = Path("corpus"),
    minutes: float = typer.Option(12.0, help="For the encoder of questions; the reranker takes twice as long."),
    to: Path = FOLDER,
    seed: int = 0,
) -> None:
    """Train the three adapters and write them to a folder, that of the package unless said otherwise."""
    torch.manual_seed(seed)
    turn = matrix(corpus, MATRIX_STEPS, random.Random(seed))
    numpy.savez_compressed(to / "meanings.npz", meanings=turn.astype(numpy.float16))
    taught = Taught(corpus, seed)
    encoder = Encoder(QUESTION_EMBEDDING, max_tokens=72)
    train(encoder, QUESTION_RATE, minutes, ranking_losses(encoder, taught))
    numpy.savez_compressed(to / "questions.npz", **encoder.update())
    examples = taught.examples(encoder)
    reranker = Encoder(RERANKER, max_tokens=112)
    train(reranker, RERANKER_RATE, 2 * minutes, answering_losses(reranker, examples, taught.random))
    numpy.savez_compressed(to / "reranker.npz", **reranker.update())
    out.print(f"The adapters are in {to}: run `make index`, then `make eval`")


if __name__ == "__main__":
    app()
