"""Reading a folder: each format whole and broken, front matter, ids, and what is told of files that cannot be read."""

import os
from pathlib import Path

import pytest
from builders import PROSE, page, pdf, protected_pdf, scanned_pdf, two_column_pdf, with_part, word

from assistant.clean import normalise
from assistant.corpus import file_digests, read_corpus
from assistant.errors import CorpusError

LONG = (
    "The guild of Lisvale keeps a workshop for young luthiers and lends its halls to the city when a concert needs one."
)


@pytest.fixture
def read(tmp_path):
    """Write the named files beside one that is always readable, and read the folder."""

    def write_and_read(**files):
        write(tmp_path, "always.txt", LONG)
        for name, content in files.items():
            write(tmp_path, name, content)
        return read_corpus(tmp_path)

    return write_and_read


def write(folder, name, content):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def only(folder, name, content):
    """The one source of a folder with one file."""
    write(folder, name, content)
    (source,) = read_corpus(folder).sources
    return source


def reason(folder, name, content):
    """Why a file was not read, beside one that was."""
    write(folder, "always.txt", LONG)
    write(folder, name, content)
    corpus = read_corpus(folder)
    assert [source.path for source in corpus.sources] == ["always.txt"]
    (unreadable,) = corpus.unreadable
    assert unreadable.path == name
    return unreadable.reason


class TestFolder:
    def test_our_own_corpus_is_read_from_documents_alone(self, tmp_path):
        write(tmp_path, "README.md", "# How to add a document")
        write(tmp_path, "cities.csv", "city,country")
        write(tmp_path, "documents/lisvale.md", f"---\nid: lisvale\ntitle: Lisvale\n---\n{LONG}")

        corpus = read_corpus(tmp_path)

        assert [(source.id, source.path) for source in corpus.sources] == [("lisvale", "documents/lisvale.md")]

    def test_any_folder_is_read_with_what_lies_below_it_in_the_order_of_paths(self, tmp_path):
        for name in ("b.txt", "a/deep/c.md", "a/b.HTML", ".hidden.txt", ".git/x.txt", "~$open.docx", "picture.png"):
            write(tmp_path, name, f"<p>{LONG}</p>" if name.endswith("HTML") else LONG)

        corpus = read_corpus(tmp_path)

        assert [source.path for source in corpus.sources] == ["a/b.HTML", "a/deep/c.md", "b.txt"]
        assert corpus.unreadable == ()

    @pytest.mark.parametrize("make", [lambda path: None, lambda path: path.write_text("x"), lambda path: path.mkdir()])
    def test_no_folder_and_no_document_name_the_next_step(self, tmp_path, make):
        folder = tmp_path / "corpus"
        make(folder)

        with pytest.raises(CorpusError, match="--corpus"):
            read_corpus(folder)

    def test_a_folder_in_which_nothing_can_be_read_says_why(self, tmp_path):
        write(tmp_path, "a.pdf", scanned_pdf())

        with pytest.raises(CorpusError, match=r"a\.pdf: scanned: no text layer"):
            read_corpus(tmp_path)

    def test_the_fingerprint_changes_with_the_text_and_not_with_the_file_times(self, tmp_path):
        path = write(tmp_path, "a.txt", LONG)
        first = read_corpus(tmp_path).fingerprint
        os.utime(path, (1, 1))

        assert read_corpus(tmp_path).fingerprint == first
        write(tmp_path, "a.txt", LONG + " More.")
        assert read_corpus(tmp_path).fingerprint != first

    def test_digests_tell_which_files_changed_without_reading_them(self, tmp_path):
        write(tmp_path, "a.txt", LONG)
        write(tmp_path, "b.pdf", b"broken")
        before = file_digests(tmp_path)
        write(tmp_path, "a.txt", LONG + " More.")
        after = file_digests(tmp_path)

        assert before.keys() == after.keys() == {"a.txt", "b.pdf"}
        assert [name for name in before if before[name] != after[name]] == ["a.txt"]


class TestIds:
    def test_an_id_is_the_stem_in_plain_characters(self, tmp_path):
        for name in ("Call 2025 (final).txt", "Québec.txt", "000_89f3.txt"):
            write(tmp_path, name, LONG)

        assert {source.id for source in read_corpus(tmp_path).sources} == {"Call-2025-final", "Quebec", "000_89f3"}

    def test_a_stem_in_another_script_gets_the_same_id_each_time(self, tmp_path):
        write(tmp_path, "创意城市.txt", LONG)
        write(tmp_path, "设计之都.txt", LONG)

        ids = [source.id for source in read_corpus(tmp_path).sources]

        assert len(set(ids)) == 2
        assert ids == [source.id for source in read_corpus(tmp_path).sources]
        assert all(id_.isascii() for id_ in ids)

    def test_files_of_one_stem_are_told_apart_by_suffix_and_folder(self, tmp_path):
        for name in ("a.txt", "a.md", "north/guild.txt", "south/guild.txt"):
            write(tmp_path, name, LONG)

        assert {source.id for source in read_corpus(tmp_path).sources} == {
            "a-txt",
            "a-md",
            "north-guild.txt",
            "south-guild.txt",
        }

    def test_an_id_that_two_files_state_is_told_and_the_first_stands(self, tmp_path):
        write(tmp_path, "a.md", f"---\nid: guild\n---\n{LONG}")
        write(tmp_path, "b.md", f"---\nid: Guild\n---\n{LONG}")

        corpus = read_corpus(tmp_path)

        assert [source.path for source in corpus.sources] == ["a.md"]
        assert "'Guild' is that of a.md too" in corpus.unreadable[0].reason

    def test_an_id_with_other_characters_is_told(self, tmp_path):
        assert "may hold only letters" in reason(tmp_path, "a.md", f"---\nid: a/b c\n---\n{LONG}")


class TestText:
    @pytest.mark.parametrize(
        ("text", "encoding"),
        [
            ("Le réseau des villes créatives de l’été à l’hiver.", "cp1252"),
            ("Le réseau des villes créatives de l’été à l’hiver.", "utf-8-sig"),
            ("Le réseau des villes créatives de l’été à l’hiver.", "utf-16"),
            ("创意城市网络由多个城市组成，每个城市都有一个创意领域。", "gb18030"),
            ("Город дизайна входит в сеть творческих городов.", "cp1251"),
        ],
    )
    def test_old_encodings_are_read(self, tmp_path, text, encoding):
        assert only(tmp_path, "a.txt", text.encode(encoding)).text == text

    @pytest.mark.parametrize("content", [b"", b" \n\n ", b"\xef\xbb\xbf"])
    def test_an_empty_file_is_told(self, tmp_path, content):
        assert "empty" in reason(tmp_path, "a.txt", content)

    @pytest.mark.parametrize("content", [b"abc\x00def" * 50, bytes(range(256)) * 20, b"\x89PNG\r\n\x1a\n\x00\x00"])
    def test_binary_data_is_told(self, tmp_path, content):
        assert "save it again as UTF-8 text" in reason(tmp_path, "a.txt", content)

    def test_a_file_that_is_too_large_is_told(self, tmp_path):
        assert "larger than 20 MB" in reason(tmp_path, "a.txt", b"a" * (20 * 2**20 + 1))

    def test_a_file_that_vanished_is_told(self, tmp_path):
        write(tmp_path, "always.txt", LONG)
        (tmp_path / "gone.txt").symlink_to(tmp_path / "nowhere")

        assert "vanished" in read_corpus(tmp_path).unreadable[0].reason

    @pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="an administrator may read every file")
    def test_a_file_without_permission_is_told(self, tmp_path):
        write(tmp_path, "always.txt", LONG)
        write(tmp_path, "closed.txt", LONG).chmod(0)

        assert "permission" in read_corpus(tmp_path).unreadable[0].reason


class TestMarkdown:
    def test_front_matter_fills_the_source(self, tmp_path):
        source = only(
            tmp_path,
            "a.md",
            f"---\nid: guild\ntitle: 'The guild: a history'\npublisher: Lisvale\npublished: 2019-06-04\nas_of: 2019\n"
            "language: en-GB\n"
            f"kind: official\nurl: https://example.org\noriginal: guild.txt\nsource_title: Guild\n---\n\n{LONG}\n",
        )

        assert (source.id, source.title, source.publisher, source.published) == (
            "guild",
            "The guild: a history",
            "Lisvale",
            "2019-06-04",
        )
        assert (source.as_of, source.language, source.kind) == ("2019", "en", "official")
        assert (source.url, source.original, source.source_title) == ("https://example.org", "guild.txt", "Guild")
        assert source.text == LONG

    def test_structure_is_kept_and_inline_marks_go(self, tmp_path):
        source = only(
            tmp_path,
            "a.md",
            "# The *guild*\n\n"
            "It has a **hall**, a [site](https://example.org) and `tools`,\nand is inter-\nnational.<!-- x -->\n"
            "![picture](a.png)\n\nRules\n-----\n\n* one\n  * inside\n* two\n  wrapped\n\n3. three\n4. four\n\n"
            "| Year | City |\n|------|:----:|\n| 2011 | **Lisvale** |\n\n```\ncode stays\n```\n\n> quoted\n\n***\n",
        )

        assert source.title == "The guild"
        assert source.text == (
            "# The guild\n\nIt has a hall, a site and tools, and is international.\n\n"
            "## Rules\n\n- one\n- inside\n- two wrapped\n\n"
            "3. three\n4. four\n\n| Year | City |\n| --- | --- |\n| 2011 | Lisvale |\n\ncode stays\n\nquoted"
        ).replace("- two wrapped\n\n3. three", "- two wrapped\n3. three")

    @pytest.mark.parametrize(
        ("front", "told"),
        [
            ("title: The guild: a history", "line 2: the front matter is no valid YAML"),
            ("title: a\nurl: [x", "line 4: the front matter is no valid YAML"),
            ("title:\n  - a\n  - b", "line 2: `title` is no single value"),
        ],
    )
    def test_bad_front_matter_is_told_with_its_line(self, tmp_path, front, told):
        assert told in reason(tmp_path, "a.md", f"---\n{front}\n---\n{LONG}")

    def test_front_matter_without_an_end_is_told(self, tmp_path):
        assert "close it with a line `---`" in reason(tmp_path, "a.md", f"---\ntitle: a\n\n{LONG}")

    def test_a_rule_above_plain_words_is_no_front_matter(self, tmp_path):
        assert only(tmp_path, "a.md", f"---\nPlain words\n\n---\n\n{LONG}").text == f"Plain words\n\n{LONG}"

    def test_front_matter_without_text_is_told(self, tmp_path):
        assert "no text below its front matter" in reason(tmp_path, "a.md", "---\ntitle: a\n---\n")

    def test_dates_are_not_guessed_where_front_matter_leaves_them_open(self, tmp_path):
        assert only(tmp_path, "a.md", f"---\ntitle: a\n---\nPublished on 4 June 2019\n\n{LONG}").published == ""

    def test_title_language_and_date_come_from_the_text_without_front_matter(self, tmp_path):
        source = only(
            tmp_path, "a.md", f"# La guilde\n\n4 juin 2019\n\n{'La ville est dans le réseau et sur le port. ' * 3}"
        )

        assert (source.title, source.language, source.published) == ("La guilde", "fr", "2019-06-04")

    def test_the_file_name_is_the_last_resort_for_a_title(self, tmp_path):
        assert only(tmp_path, "harbour_guild-rules.md", LONG).title == "harbour guild rules"


class TestWebPage:
    BODY = (
        "<div id='cookie-banner'><p>We use cookies.</p></div><nav><ul><li><a href='/'>Home</a></li></ul></nav>"
        "<header><h1>Lisvale, City of Music</h1></header>"
        "<main><p>The <b>guild</b> is <a href='x'>old</a>&nbsp;and rich.</p>"
        f"<h2>Rules</h2><ul><li>One<ul><li>inside</li></ul></li><li>Two</li></ul><p>{LONG}</p>"
        "<table><caption>Years</caption><tr><th>Year</th><th>City</th></tr><tr><td>2011</td><td>Lisvale</td></tr></table>"
        "<h3>Related news</h3><p><a href='y'>The port of Osmere burns down</a></p></main>"
        "<aside>Elsewhere</aside><footer>© Norland</footer><script>alert('no')</script>"
    )
    HEAD = "<title>Lisvale | Norland</title><meta property='article:published_time' content='2019-06-04T10:00:00Z'>"

    def test_only_the_main_content_is_kept_with_its_structure(self, tmp_path):
        assert only(tmp_path, "a.html", page(self.BODY, self.HEAD)).text == (
            "# Lisvale, City of Music\n\nThe guild is old and rich.\n\n## Rules\n\n- One\n- inside\n- Two\n\n"
            f"{LONG}\n\nYears\n\n| Year | City |\n| --- | --- |\n| 2011 | Lisvale |"
        )

    def test_the_head_gives_title_date_language_and_publisher(self, tmp_path):
        source = only(tmp_path, "a.htm", page(self.BODY, self.HEAD, lang="en-GB"))

        assert (source.title, source.published, source.language) == ("Lisvale, City of Music", "2019-06-04", "en")

    def test_the_site_beside_the_title_is_the_publisher(self, tmp_path):
        assert only(tmp_path, "a.html", page("<p>Short page.</p>", self.HEAD)).publisher == "Norland"

    def test_a_time_element_dates_a_page_without_meta(self, tmp_path):
        body = f"<h1>Feast</h1><time datetime='2019-06-04'>Tuesday</time><p>{LONG}</p>"

        assert only(tmp_path, "a.html", page(body)).published == "2019-06-04"

    def test_a_short_page_is_read_whole(self, tmp_path):
        assert only(tmp_path, "a.html", "<h1>Hi</h1><p>Short page.").text == "# Hi\n\nShort page."

    def test_a_list_of_linked_names_in_the_main_content_stays(self, tmp_path):
        links = "".join(f"<li><a href='{name}'>{name}</a></li>" for name in ("Lisvale", "Osmere", "Tarn"))

        text = only(tmp_path, "a.html", page(f"<main><h1>Members</h1><p>{LONG}</p><ul>{links}</ul></main>")).text

        assert text.endswith("- Lisvale\n- Osmere\n- Tarn")

    def test_a_declared_encoding_is_heeded(self, tmp_path):
        source = "<html><head><meta charset='gb2312'></head><body><p>创意城市网络由多个城市组成</p></body></html>"

        assert only(tmp_path, "a.html", source.encode("gb2312")).text == "创意城市网络由多个城市组成"

    @pytest.mark.parametrize("body", ["", "<script>document.write('x')</script>", "<div>" * 5000 + "deep"])
    def test_a_page_without_text_of_its_own_is_told(self, tmp_path, body):
        assert "save the page as it is shown" in reason(tmp_path, "a.html", page(body))


class TestPdf:
    def test_pages_become_one_text_without_running_heads(self, tmp_path):
        first = [
            ("Heading1", "How Lisvale applies"),
            ("BodyText", PROSE * 3),
            ("Heading2", "Papers"),
            ("Bullet", "a form"),
            ("Bullet", "a letter"),
        ]
        second = [
            ("BodyText", "What the guild adds is its own affair. " * 4),
            ("Heading2", "Dates"),
            ("BodyText", LONG),
        ]

        source = only(tmp_path, "a.pdf", pdf(first, second))

        assert source.title == "Guide for Lisvale"
        assert source.text.split("\n\n") == [
            "# How Lisvale applies",
            (PROSE * 3).strip(),
            "## Papers",
            "- a form\n- a letter",
            ("What the guild adds is its own affair. " * 4).strip(),
            "## Dates",
            LONG,
        ]

    @pytest.mark.parametrize("title", ["", "untitled", "Microsoft Word - guide.docx"])
    def test_a_title_that_is_none_is_not_taken(self, tmp_path, title):
        assert only(
            tmp_path, "a.pdf", pdf([("Heading1", "How Lisvale applies"), ("BodyText", PROSE * 3)], title=title)
        ).title == ("How Lisvale applies")

    def test_a_pdf_without_text_is_told(self, tmp_path):
        assert reason(tmp_path, "a.pdf", scanned_pdf()).startswith("scanned: no text layer; ")

    def test_a_protected_pdf_is_told(self, tmp_path):
        assert "protected by a password" in reason(tmp_path, "a.pdf", protected_pdf("secret"))

    def test_a_pdf_that_anyone_may_open_is_read(self, tmp_path):
        assert "port of Lisvale" in only(tmp_path, "a.pdf", protected_pdf("")).text

    @pytest.mark.parametrize(
        "damage", [lambda data: b"%PDF-1.7 nothing", lambda data: data[:400], lambda data: b"PK\x03\x04" + data]
    )
    def test_a_damaged_pdf_is_told_or_read(self, tmp_path, damage):
        write(tmp_path, "always.txt", LONG)
        write(tmp_path, "a.pdf", damage(pdf([("BodyText", PROSE)])))

        corpus = read_corpus(tmp_path)

        assert len(corpus.sources) + len(corpus.unreadable) == 2
        assert all("save it again" in file.reason for file in corpus.unreadable)

    def test_columns_of_a_page_are_read_one_after_the_other(self, tmp_path):
        text = only(tmp_path, "a.pdf", two_column_pdf(PROSE * 2, "What the guild adds is its own affair. " * 4)).text

        assert text.index("letter of the mayor") < text.index("What the guild adds is its own affair.")
        assert "guild. The port of Lisvale" in text


class TestWord:
    def test_styles_become_structure(self, tmp_path):
        data = word(
            ("Title", "The guild of Lisvale"),
            ("Normal", LONG),
            ("Heading 2", "Rules"),
            ("List Bullet", "Sing"),
            ("List Bullet", "Mend"),
            ("List Number", "First"),
            ("List Number", "Second"),
            [["Year", "City"], ["2011", "Lisvale"], ["2013", "Osmere"]],
        )

        source = only(tmp_path, "a.docx", data)

        assert source.title == "The guild of Lisvale"
        assert source.text == (
            f"# The guild of Lisvale\n\n{LONG}\n\n## Rules\n\n- Sing\n- Mend\n1. First\n2. Second\n\n"
            "| Year | City |\n| --- | --- |\n| 2011 | Lisvale |\n| 2013 | Osmere |"
        )

    def test_the_title_of_the_properties_comes_first(self, tmp_path):
        assert only(tmp_path, "a.docx", word(("Normal", LONG), title="Of the guild")).title == "Of the guild"

    @pytest.mark.parametrize(
        "damage",
        [
            lambda data: b"no archive",
            lambda data: data[: len(data) // 2],
            lambda data: with_part(data, "word/document.xml", "<w:document"),
        ],
    )
    def test_a_damaged_file_is_told(self, tmp_path, damage):
        assert "save it again as .docx" in reason(tmp_path, "a.docx", damage(word(("Normal", LONG))))

    def test_an_archive_that_unpacks_without_end_is_told(self, tmp_path):
        bomb = with_part(word(("Normal", LONG)), "word/document.xml", b"0" * (101 * 2**20))

        assert "unpacks to more than 100 MB" in reason(tmp_path, "a.docx", bomb)

    def test_an_entity_does_not_bring_in_another_file(self, tmp_path):
        secret = write(tmp_path.parent, "secret.txt", "the guild's secret")
        xml = (
            f"<!DOCTYPE d [<!ENTITY x SYSTEM 'file://{secret}'>]>"
            "<w:document xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'><w:body>"
            f"<w:p><w:r><w:t>{LONG} &x;</w:t></w:r></w:p></w:body></w:document>"
        )

        source = only(tmp_path, "a.docx", with_part(word(("Normal", LONG)), "word/document.xml", xml))

        assert "secret" not in source.text


def test_what_cannot_be_read_does_not_stop_the_rest(read):
    corpus = read(
        **{"a.pdf": scanned_pdf(), "b.docx": b"no", "c.md": "---\nx: [\n---\n", "d.txt": b"\x00", "e.html": page("")}
    )

    assert [source.path for source in corpus.sources] == ["always.txt"]
    assert [file.path for file in corpus.unreadable] == ["a.pdf", "b.docx", "c.md", "d.txt", "e.html"]
    assert all(";" in file.reason and "\n" not in file.reason for file in corpus.unreadable)


def test_every_text_is_in_its_final_form():
    corpus = read_corpus(Path(__file__).parents[1] / "corpus")

    assert corpus.unreadable == ()
    assert all(normalise(source.text) == source.text for source in corpus.sources)
