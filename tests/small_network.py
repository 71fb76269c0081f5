"""Twelve invented cities with their countries and dated facts, and a desk that asks them without any model."""

import re

from small_tables import write_tabled_corpus

from assistant.chunk import chunk
from assistant.cities import Places
from assistant.corpus import place, read_corpus
from assistant.facts import DatedFacts
from assistant.tabulate import CityTable
from assistant.terms import Glossary
from assistant.understand import understand
from assistant.vocabulary import STOP, Vocabulary

SOURCES = """\
id,title,publisher,url,date,language,kind,firmness,note
U1,List of the member cities,UNESCO,https://example.org/u1,2021-11-08,en,unesco,official,
U2,Text of the 2021 call,UNESCO,https://example.org/u2,2021-03-22,en,unesco,official,
N1,The cities of Norland,Norland's commission,https://example.org/n1,2020,en,national commission,official,
P1,News of the port,Lisvale Post,https://example.org/p1,2022-01,en,press,press,
OWN,Our count,UCCN Assistant project,,2022-03-01,en,project,unofficial,
"""
CITIES = """\
city,country,region,field,year,latitude,longitude,aliases,sources,confidence,note
Lisvale,Norland,Europe and North America,Music,2006,60.25,-10.5,Lisval|Лисвейл,U1;P1,high,Lisvale joined on 30 May 2006.
Ardmouth,Norland,Europe and North America,Film,2006,,,,U1,high,
Torbeck (Norland),Norland,Europe and North America,Film,2014,,,,P1,low,Only a newspaper counts Torbeck in Norland.
Wessmark,Norland,Europe and North America,Design,2014,,,,U1,high,
Saint-Orme,Norland,Europe and North America,Gastronomy,2021,,,,U1,high,
Torbeck (Osterland),Osterland,Asia and the Pacific,Design,2014,,,,U1,high,
Kestrin,Osterland,Asia and the Pacific,Music,2014,,,穆林,U1,high,
Port Aldane,Osterland,Asia and the Pacific,Music,2017,,,,U1,high,
Młynów,Osterland,Asia and the Pacific,Crafts and Folk Art,2021,,,,U1,high,
Oruba,Sudmark,Africa,Music,2017,,,,U1,high,
Marrow Town,Sudmark,Africa,Literature,2021,,,,U1,high,
Solmere,Solmere,Latin America and the Caribbean,Literature,2021,,,,U1,high,
"""
COUNTRIES = """\
country,code,region,adjective,demonym,aliases,fr,es,pt,zh,ar,ru,de
Norland,XN,Europe and North America,Norlandish,Norlander,Kingdom of Norland|KN,Norlande,,,,,Норландия,Nordland
Osterland,XO,Asia and the Pacific,Osterlandish,Osterlander,,,,,东国,,,
Sudmark,XS,Africa,Sudmarkish,Sudmarker,,,,,,,,
Solmere,XL,Latin America and the Caribbean,Solmerian,Solmerian,,,,,,,,
Midria,XM,Arab States,Midrian,Midrian,,,,,,,,
"""
FACTS = """\
id,subject,attribute,value,unit,as_of,source,statement
founded,UCCN,founded,2004,year,2004,U1,The UCCN was created in 2004.
all-2006,UCCN,member cities,2,cities,2006-12-31,U1,The UCCN had two member cities at the end of 2006.
all-2014,UCCN,member cities,6,cities,2014-12-01,U1,The UCCN had 6 member cities on 1 December 2014.
all-2017,UCCN,member cities,8,cities,2017-10-31,U1,The UCCN had 8 member cities on 31 October 2017.
all-2021,UCCN,member cities,12,cities,2021-11-08,U1,The UCCN had 12 member cities on 8 November 2021.
all-2022,UCCN,member cities,13,cities,2022-01,P1,The Lisvale Post gave the UCCN 13 member cities in January 2022.
countries-2017,UCCN,countries,3,countries,2017-10-31,U1,The 8 member cities lay in 3 countries on 31 October 2017.
countries-2021,UCCN,countries,4,countries,2021-11-08,U1,The 12 member cities lay in 4 countries on 8 November 2021.
new-2017,UCCN,new cities,2,cities,2017-10-31,U1,"On 31 October 2017, two new cities joined the UCCN."
new-2021,UCCN,new cities,4,cities,2021-11-08,U1,"On 8 November 2021, 4 new cities joined the UCCN."
fee,UCCN,membership fee,not stated,not stated,2022-03-01,OWN,No source here states a fee for membership in the UCCN.
close-2017,2017 call,closing day,2017-06-16,date,2017-03,U1,The 2017 call of the UCCN closed on 16 June 2017.
close-2021,2021 call,closing day,2021-06-30,date,2021-03-22,U2,The 2021 call of the UCCN closed on 30 June 2021.
close-2023,2023 call,closing day,not stated,not stated,2022-03-01,OWN,No source here states when the 2023 call closes.
open-2021,2021 call,opening day,2021-03-16,date,2021-03-22,U2,The 2021 call of the UCCN opened on 16 March 2021.
result-2017,2017 call,result day,2017-10-31,date,2017-10-31,U1,The result of the 2017 call came on 31 October 2017.
result-2021,2021 call,result day,2021-11-08,date,2021-11-08,U1,The result of the 2021 call came on 8 November 2021.
bids-2017,2017 call,bids a country,3,bids,2017,U1,"In the 2017 call, a country could put forward three cities."
bids-2021,2021 call,bids a country,2,bids,2021,U2,"In the 2021 call, a country could put forward two cities."
own-2021,"Norland, 2021 call",national deadline,2021-05-10,date,2021-02,N1,Norland's deadline of 2021 was 10 May 2021.
norland-2018,Norland,member cities,3,cities,2018,N1,"By its commission, Norland had three member cities in 2018."
norland-2022,Norland,member cities,5,cities,2022-01,N1,"By its commission, Norland had five members in January 2022."
norland-film,Norland,cities of film,1,cities,2010,N1,"By its commission, Norland had one City of Film in 2010."
midria,Midria,leaves UNESCO,2022-12-31,date,2022-01,P1,"Midria leaves UNESCO on 31 December 2022, says the press."
waiting,waiting rule,years,4,years,2021-03-22,U2,A city that was refused twice in a row must wait four years.
report,member city,report interval,4,years,2021-03-22,U2,A member city of the UCCN owes a report every four years.
host-2018,annual conference of 2018,host,Kestrin,,2018,U1,The annual conference of 2018 took place in Kestrin.
host-2019,annual conference of 2019,host,Lisvale,,2019,U1,The annual conference of 2019 took place in Lisvale.
theme-2019,annual conference of 2019,theme,Old songs,,2019,U1,The theme of the annual conference of 2019 was Old songs.
"""
PORT = """\
## The port of Lisvale

The port of Lisvale has 14 concert halls. [P1]

The director of the port of Lisvale is Maren Holt. [P1]
"""
DOCUMENTS = {"port": ("The port of Lisvale", PORT)}
NETWORK_TABLES = {"sources": SOURCES, "cities": CITIES, "countries": COUNTRIES, "facts": FACTS}


def write_network(folder, **tables):
    """Write the corpus of the twelve cities; a table given by name takes the place of its own."""
    return write_tabled_corpus(folder, documents=DOCUMENTS, **(NETWORK_TABLES | tables))


class Desk:
    """A corpus with its tables, and the answers that these give alone."""

    def __init__(self, corpus, glossary):
        self.tables = corpus.tables
        self.sources = {source.id: source for source in corpus.sources}
        self.vocabulary = Vocabulary(
            passage for source in corpus.sources if source.kind != "view" for passage in chunk(source)
        )
        self.places = Places(corpus.tables, words=STOP | self.vocabulary.small, names=self.vocabulary.names)
        self._glossary = glossary
        self._table = CityTable(corpus.tables, self.sources)
        self._facts = DatedFacts(corpus.tables, self.sources)

    def read(self, question, **options):
        return understand(question, self.vocabulary, glossary=self._glossary, places=self.places, **options)

    def table(self, question, **options):
        return self._table.answer(self.read(question, **options))

    def facts(self, question, **options):
        return self._facts.answer(self.read(question, **options))

    def city(self, name, country=""):
        """Return the one city of a name, of a country where there are several."""
        (found,) = [c for c in self.tables.cities if place(c) == name and country in ("", c.country)]
        return found


def open_desk(folder, glossary=Glossary()):
    """Read a corpus folder as the assistant does when it opens an index."""
    corpus = read_corpus(folder)
    assert corpus.unreadable == ()
    return Desk(corpus, glossary)


def texts(statements):
    return [statement.text.replace("**", "") for statement in statements]


def bold(statement):
    return re.findall(r"\*\*(.+?)\*\*", statement.text)
