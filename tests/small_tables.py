"""A small corpus whose documents name their sources, with the four tables beside them; it is without a fault."""

from pathlib import Path

SOURCES = """\
id,title,publisher,url,date,language,kind,firmness,note
U1,List of the member cities,UNESCO,https://example.org/u1,2022-06-24,en,unesco,official,
P1,News of the port,Lisvale Post,https://example.org/p1,2021-11,fr,press,press,"read in a copy, undated"
C.2-b,Copy of a release,Guild of Norland,https://example.org/c2,2021-12-01,en,unesco,unofficial,
OLD,A page without a date,Lisvale,https://example.org/old,,en,member city,member city,
OWN,Our count,UCCN Assistant project,,2023-01-05,en,project,unofficial,
"""
CITIES = """\
city,country,region,field,year,latitude,longitude,aliases,sources,confidence,note
Lisvale,Norland,Europe and North America,Music,2011,60.25,-10.5,Lisval|Лисвейл,U1;P1,high,"Lisvale, a port, was first."
Ardmouth,Norland,Europe and North America,Film,2021,,,,U1,high,
Torbeck (Norland),Norland,Europe and North America,Film,2021,,,,P1,low,
Torbeck (Osterland),Osterland,Asia and the Pacific,Music,2021,,,,U1,high,
"""
COUNTRIES = """\
country,code,region,adjective,demonym,aliases,fr,es,pt,zh,ar,ru,de
Norland,XN,Europe and North America,Norlandish,Norlander,Kingdom of Norland,Norlande|norlandais,,,,,Норландия,Nordland
Osterland,XO,Asia and the Pacific,Osterlandish,Osterlandish,,,,,,,,
"""
FACTS = """\
id,subject,attribute,value,unit,as_of,source,statement
uccn-2011,UCCN,member cities,1,cities,2011-12-31,U1,The UCCN had one member city at the end of 2011.
uccn-2021,UCCN,member cities,4,cities,2021-11-08,U1;P1,The UCCN had 4 member cities as of 8 November 2021.
uccn-new-2021,UCCN,new cities,3,cities,2021-11-08,U1,"In November 2021, three new cities joined the UCCN."
norland-2022,Norland,member cities,3,cities,2022,OWN,"By our count, Norland had three member cities in 2022."
norland-film,Norland,cities of film,2,cities,2022-06,U1,"As of June 2022, Norland had two Cities of Film."
host-2019,annual conference of 2019,host,Lisvale,,2019,P1,The annual conference of 2019 took place in Lisvale.
"""
QUESTIONS = """\
document,statement,language,questions
lisvale,Lisvale has 14 concert halls.,en,"Where can one hear music in Lisvale, and how often?|places to play "
lisvale,Lisvale wants to lend instruments to every child.,en,Can my daughter get a violin?
call-2021,The 2021 call of the UCCN closed on 30 June 2021.,en,last day to hand in in 2021
"""  # not one of TABLES: a corpus may be without it
HEADER = """\
---
id: {id}
title: {title}
publisher: {publisher}
source_title: Compiled from the sources named at each statement
url: ""
published: "2023-01-05"
as_of: "2023-01-05"
language: en
kind: {kind}
original: ""
---

"""
LISVALE = """\
## How Lisvale joined

Lisvale joined the UCCN in 2011 as a City of Music. [U1; P1] Lisvale has 14 concert halls. [OLD]

What Lisvale wants to do as a City of Music:

- Lisvale wants to open a school for young singers. [P1]
- Lisvale wants to lend instruments to every child. [C.2-b]

The cities that Lisvale works with are:

| City | Since | Source |
|---|---|---|
| Ardmouth | 2021 | [U1] |
| Torbeck in Osterland | 2022 | P1; OWN |
"""
CALL = """\
## The 2021 call

The 2021 call of the UCCN closed on 30 June 2021. [U1]
"""
DOCUMENTS = {"lisvale": ("Lisvale in the Network", LISVALE), "call-2021": ("The 2021 call", CALL)}
TABLES = {"sources": SOURCES, "cities": CITIES, "countries": COUNTRIES, "facts": FACTS}
LAST_LINE_OF_HEADER = HEADER.count("\n")


def write_tabled_corpus(folder: Path, documents=None, kind="compiled", **tables) -> Path:
    """Write the corpus; a table given by name takes the place of the small one, `None` leaves it out."""
    (folder / "documents").mkdir(parents=True, exist_ok=True)
    for id_, (title, body) in (DOCUMENTS if documents is None else documents).items():
        head = HEADER.format(id=id_, title=title, publisher="UCCN Assistant project", kind=kind)
        (folder / "documents" / f"{id_}.md").write_text(head + body, encoding="utf-8")
    for name, text in (TABLES | tables).items():
        if text is not None:
            data = text if isinstance(text, bytes) else text.encode()
            (folder / f"{name}.csv").write_bytes(data)
    return folder


def changed(table: str, old: str, new: str) -> str:
    """Return a table or document with its one place of these words changed."""
    assert table.count(old) == 1, old
    return table.replace(old, new)


def line_of(text: str, words: str) -> int:
    """Return the line, from 1, on which these words stand first."""
    return text[: text.index(words)].count("\n") + 1
