"""Questions in other languages, asked of the project's own corpus with the real models."""

import pytest

from assistant.records import Question, Turn

pytestmark = pytest.mark.model

ANSWERED = {
    "Dans quelle catégorie Angoulême a-t-elle été retenue ?": "littérature",
    "Cannes, c'est depuis quand dans le réseau ?": "2021",
    "Quand a fermé l'appel à candidatures de 2021 ?": "30 juin 2021",
    "Combien de villes ont rejoint le réseau en 2019 ?": "66",
    "Y a-t-il une cotisation annuelle à payer ?": "aucune des sources",
    "Toulouse est-elle une ville de gastronomie ?": "musique",
    "C'est pour sa gastronomie que Cannes a été choisie, non ?": "cinéma",
    "Et Limoges ? même domaine, même année ?": "artisanat",
    "Quelles villes portent le titre dans la catégorie musique ?": "**84**",
    "¿En qué campo es ciudad creativa Bogotá?": "música",
    "¿Cuándo cerró la convocatoria de 2023?": "30 de junio de 2023",
    "¿Cuántas candidaturas puede presentar cada país en 2025?": "**2**",
    "¿En cuántos países hay ciudades creativas?": "países",
    "¿Cuántas ciudades se unieron después de 2017 en España?": "**5**",
    "Desde que ano Óbidos pertence à rede?": "2015",
    "Quais cidades angolanas são membros?": "Lubango",
    "De quantos em quantos anos é preciso enviar o relatório?": "4 anos",
    "成都是什么之都？": "美食",
    "2019年申报邮件最大不能超过多少MB？": "20",
    "2023年的申请截止日期是什么时候？": "2023年6月30日",
    "连续两次没有入选要等几年才能再申请？": "4年",
    "重庆是2019年加入的美食之都吗？": "更正",
    "متى كان الموعد النهائي لنداء 2023؟": "30 يونيو 2023",
    "كم مدينة انضمت في 2021؟": "49",
    "ما هي المدن السعودية الأعضاء؟": "Al-Ahsa",
    "أريد أسماء مدن السعودية ومجال كل واحدة منها، ليس فقط الأحساء": "Buraydah",
    "Когда закончился приём заявок в 2021 году?": "30 июня 2021",
    "Где прошла ежегодная конференция 2019 года?": "Fabriano",
    "Является ли Берлин городом музыки?": "дизайн",
    "Wie viele Mitglieder hat das Netzwerk insgesamt?": "408",
    "Wie oft muss man der UNESCO berichten?": "4 Jahre",
    "Welche Städte kamen nach 2019 in Deutschland dazu?": "Bremen (2023)",
}
REFUSED = (
    "Qui est le maire de Lyon ?",
    "Combien d'habitants a Limoges ?",
    "Dans quel domaine Marseille est-elle ville créative ?",
    "Combien de villes françaises ne sont pas membres ?",
    "¿Cuántos museos tiene Sevilla?",
    "¿Cuántas personas asistieron a la conferencia de 2019?",
    "Qual é a população de Braga?",
    "Quanto dinheiro a UNESCO deu às cidades em 2021?",
    "上海有多少人口？",
    "广州是哪个领域的创意城市？",
    "من هو عمدة تونس؟",
    "Входит ли Москва в сеть?",
    "Wie viele Einwohner hat Mannheim?",
    "Combien de villes portugaises du réseau ont un tramway ?",
    "¿Cuántas ciudades japonesas de la red tienen volcán?",
    "德国有多少座创意城市有地铁？",
    "2020年北京峰会总共花了多少钱？",
)
OUT_OF_SCOPE = (
    "Quel temps fera-t-il à Metz demain ?",
    "¿Me das una receta de tortilla?",
    "Qual é o melhor time de futebol?",
    "推荐一部好看的电影",
    "كيف أجدد رخصة القيادة؟",
    "Напиши стихотворение о весне",
    "Welche Aktien soll ich kaufen?",
)


@pytest.mark.parametrize(("question", "value"), ANSWERED.items())
def test_a_question_is_answered_in_its_language(assistant, question, value):
    answer = assistant.ask(question)

    assert answer.status == "answered"
    assert answer.language != "en"
    assert value in answer.answer


@pytest.mark.parametrize("question", REFUSED)
def test_what_no_source_answers_is_not_answered(assistant, question):
    answer = assistant.ask(question)

    assert answer.status in ("no_answer", "out_of_scope")
    assert not answer.citations


@pytest.mark.parametrize("question", OUT_OF_SCOPE)
def test_what_is_about_something_else_is_out_of_scope(assistant, question):
    assert assistant.ask(question).status == "out_of_scope"


@pytest.mark.parametrize(
    ("first", "then", "value", "language"),
    [
        ("Quand a fermé l'appel de 2023 ?", "Et en 2021 ?", "30 juin 2021", "fr"),
        ("2023年的申请截止日期是什么时候？", "那2021年呢？", "2021年6月30日", "zh"),
        ("¿Cuántas ciudades nuevas hubo en 2021?", "¿y en 2023?", "**55**", "es"),
        ("Wie viele Städte aus Deutschland sind Mitglied?", "und Frankreich?", "(Frankreich)", "de"),
        ("Сколько городов Италии в сети?", "а Испании?", "(Испания)", "ru"),
        ("كم عدد المدن المغربية في الشبكة؟", "وماذا عن مصر؟", "(مصر)", "ar"),
        ("Em que área Belém é cidade criativa?", "e Paraty?", "Paraty", "pt"),
        ("Quelles villes de design en France ?", "et de musique ?", "Toulouse", "fr"),
        ("When was the deadline of the 2023 call?", "et en 2021 ?", "30 juin 2021", "fr"),
        ("¿En qué campo está Bogotá?", "¿y qué otras ciudades son de ese campo?", "Medellín", "es"),
        ("Сколько городов приняли в 2021 году?", "А в 2019?", "**66**", "ru"),
    ],
)
def test_a_question_goes_on_from_the_one_before_it(assistant, first, then, value, language):
    history = (Turn("user", first), Turn("assistant", assistant.ask(first).answer))
    answer = assistant.ask(Question(then, history=history))

    assert (answer.status, answer.language) == ("answered", language)
    assert value in answer.answer
    assert answer.standalone_question != then


def test_two_questions_of_one_message_are_both_answered(assistant):
    text = assistant.ask("Combien de nouvelles villes en 2021, et quand a fermé l'appel de 2021 ?").answer

    assert "**49**" in text
    assert "30 juin 2021" in text


def test_a_word_that_is_also_a_city_is_a_word(assistant):
    assert "Como" not in assistant.ask("¿Como se llaman los campos creativos?").answer


def test_notes_are_in_the_language(assistant):
    assert assistant.ask("Quand a fermé l'appel de 2021 ?").notes == (
        "Ces dates sont passées ; le texte de l'appel en cours de l'UNESCO fait foi.",
    )


@pytest.mark.parametrize(
    ("question", "value"),
    [
        # the part that asks, without its story; the year and place of the story, for facts and table
        ("Travaillant pour une ville moyenne, je prépare un rapport. Peut-on contester un refus ?", "appeal"),
        ("Escribo un artículo sobre Portugal: ¿cuántas ciudades miembros tiene?", "(Portugal)"),
        ("成都是什么类型的创意城市？哪一年加入的？", "2010"),
        ("Meine Tante schwärmt von Karlsruhe als Ziel: Welcher Bereich und seit wann?", "2019"),
        ("Vou de férias ao Peru e quero visitar as cidades criativas. Quais são?", "Ayacucho"),
        # a title that the table gives another city or for another year
        ("Warum wurde Linz eigentlich City of Music?", "Medienkunst"),
        ("São Paulo é cidade criativa da música desde 2019, certo?", "Correção"),
        # the longer phrase, and the call that is to come
        ("La date limite de l'appel 2021, c'était quel jour ?", "30 juin 2021"),
        ("On a raté 2025. Le prochain appel, c'est en quelle année ?", "2027"),
        ("O presidente da câmara quer recorrer. Pode-se contestar a recusa?", "appeal"),
        # at home is China, in Chinese
        ("国内一共有几个音乐之都？", "中国"),
        # a language is no country
        ("Peut-on rédiger le dossier en espagnol ?", "English or French"),
        # names in a case, behind a particle, with the other letter at their end
        ("Какие города Грузии, и сколько их в сети?", "(Грузия)"),
        ("كم مدينة مغربيه في الشبكة؟", "(المغرب)"),
        # what documents answer, no table
        ("Quais são os critérios para ser cidade criativa do cinema?", "Film"),
        # a count that documents narrow, and a question that is expected in its own language
        ("Wieviel Prozent der Bewerber wurden 2017 genommen?", "77"),
        ("Когда именно Думагете отправил свою заявку в ЮНЕСКО?", "2025"),
        # a subordinate clause is no second question
        ("Как решают, какой город примет следующую ежегодную конференцию?", "conference"),
    ],
)
def test_what_a_message_asks_is_read_in_its_words(assistant, question, value):
    answer = assistant.ask(question)

    assert answer.status == "answered"
    assert value in answer.answer


@pytest.mark.parametrize(
    ("question", "wrong"),
    [
        ("Wie viele Seiten darf die Bewerbung haben?", "**2**"),  # pages are no applications
        ("Мы хотим сменить направление с дизайна на музыку, это возможно?", "137"),  # no list of both fields
        ("Quais são os critérios para ser cidade criativa da gastronomia?", "**66**"),
        ("Viborg in Dänemark – für welches Feld steht die Stadt im Netzwerk?", "Kolding"),
        ("重庆申都成功那会儿，市级工业设计中心有多少家？", "加入"),  # no row of the city
        ("Nous avons été recalés en 2023. Peut-on retenter sa chance ?", "2025"),  # a year that nobody named
    ],
)
def test_a_question_is_not_taken_for_another(assistant, question, wrong):
    assert wrong not in assistant.ask(question).answer


def test_a_story_about_something_else_is_not_read_away(assistant):
    answer = assistant.ask("On rêve du Patrimoine mondial pour notre vieux port. Quelles conditions faut-il remplir ?")

    assert answer.status in ("no_answer", "out_of_scope")
