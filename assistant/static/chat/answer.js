// One question and its answer, in each state that it can be in.

import { choices, plain, render } from "./markdown.js";
import { columns, view as citiesView } from "./cities.js";
import { copy, h, icon } from "./dom.js";
import { age, current, day, directionOf, number, t } from "./words.js";

const STATES = { no_answer: "no_answer", out_of_scope: "out_of_scope", clarify: "clarify", error: "failed" };
const LISTED = 30; // an answer on more cities does not name them: they are shown at once
const REASONS = ["wrong", "outdated", "incomplete", "unclear", "other"];

// `exchange` is { question, answer, failure, text, progress, beside, rated }; `page` says what its buttons do.
export function view(exchange, key, page) {
  const { question, answer, failure, text, progress } = exchange;
  const article = h("article.exchange", { id: `exchange-${key}`, "aria-busy": String(Boolean(progress)),
    "data-complete": Boolean(failure || exchange.beside) },
    asked(exchange, key, page));
  if (answer) article.append(...settled(exchange, key, page));
  if (text && progress) {
    article.append(h("div.answer", { dir: "auto" }, render(text, answer ? marker(answer, key, page) : () => null)));
  }
  if (progress) article.append(h("p.progress", {}, progress));
  if (failure) {
    article.append(h("div.plain.error", {}, h("p.label", {}, t("failed")), h("p", {}, failure)));
  }
  if (!progress) article.append(...below(exchange, key, page));
  return article;
}

function asked(exchange, key, page) {
  const heading = h("h2", { dir: "auto" }, exchange.question);
  const line = h("div.question", {}, heading);
  if (exchange.progress || !page.isLast(key)) return line;
  const edit = h("button.icon-only", { type: "button", "aria-label": t("edit"), title: t("edit"), onclick: () => {
    const box = h("textarea", { "aria-label": t("edit"), rows: "2", maxlength: page.state.longest, dir: "auto" });
    box.value = exchange.question;
    const form = h("form.edit", { onsubmit: (event) => {
      event.preventDefault();
      if (box.value.trim()) page.edit(key, box.value.trim());
    } }, box, h("div.row", {}, h("button.primary", { type: "submit" }, t("edit_save")),
      h("button", { type: "button", onclick: cancel }, t("cancel"))));
    function cancel() {
      form.replaceWith(line);
      edit.focus();
    }
    form.addEventListener("keydown", (event) => event.key === "Escape" && cancel());
    line.replaceWith(form);
    box.focus();
  } }, icon("edit"));
  line.append(edit);
  return line;
}

function settled(exchange, key, page) {
  const { answer, beside } = exchange;
  const direction = directionOf(answer.language) === "rtl" ? "rtl" : "auto"; // an Arabic sentence may open with a Latin name
  const parts = [];
  const standalone = (answer.standalone_question || "").trim();
  if (standalone && standalone.toLowerCase() !== answer.question.trim().toLowerCase()) {
    parts.push(h("p.understood", {}, t("understood"), " ", h("q", { dir: "auto" }, standalone), " ",
      page.goesOn(key) && h("button.text", { type: "button", onclick: () => page.alone(key) }, t("ask_alone"))));
  }
  const body = h("div.answer", { lang: answer.language, dir: direction }, render(answer.answer, marker(answer, key, page)));
  const notes = answer.notes.map((note) => h("p.note", { dir: direction, lang: answer.language }, note));
  const state = STATES[answer.status];
  if (state) {
    parts.push(h(`div.plain.${answer.status}`, {}, h("p.label", {}, t(state)), body, notes,
      answer.status === "clarify" && h("div.choices", { role: "group", "aria-label": t("clarify") },
        choices(answer.answer).map((label) =>
          h("button.chip", { type: "button", dir: "auto", onclick: () => page.ask(label) }, label)))));
    return parts;
  }
  parts.push(body, badges(answer), notes);
  if (beside?.series.length) parts.push(change(beside.series));
  if (beside?.cities.length > 1) {
    parts.push(citiesView(beside.cities, { start: beside.cities.length > LISTED ? "map" : "" }));
  }
  if (answer.citations.length) parts.push(h("div.slot", { id: `sources-of-${key}` }));
  return parts.flat();
}

function badges(answer) {
  const line = h("p.badges");
  if (answer.as_of && answer.citations.length) {
    const ago = age(answer.as_of);
    line.append(h("span.badge", {}, t("as_of", { date: day(answer.as_of) }), ago && h("span.age", {}, ` · ${ago}`)));
  }
  if (answer.route === "llm") line.append(h("span.badge.prose", {}, t("prose")));
  return line.childNodes.length ? line : [];
}

function marker(answer, key, page) {
  const titles = new Map(answer.citations.map((citation) => [citation.n, citation.title]));
  return (n) => titles.has(n) ? h("button.marker", {
    type: "button",
    "data-n": n,
    "aria-label": t("marker", { n, title: titles.get(n) }),
    title: titles.get(n),
    onclick: () => page.cite(key, n),
  }, String(n)) : null;
}

// How a value changed: bars where it is a number, a dated list where it is not.
function change(series) {
  const label = t("line_of_change");
  const subjects = new Set(series.map((one) => one.subject));
  const numeric = series.every((one) => one.number !== null) && subjects.size === 1;
  const items = series.map((one) => ({ label: day(one.as_of, "short"), value: one.number, title: `${day(one.as_of)}: ${one.value}` }));
  return h("figure.change", {}, h("figcaption", {}, label),
    numeric ? columns(items, label) : h("ol.timeline", { "aria-label": label }, series.map((one) => h("li", {},
      h("span.when", {}, day(one.as_of, "short")),
      h("span.what", { dir: "auto" }, subjects.size > 1 && h("span.subject", { lang: "en" }, `${one.subject}: `),
        one.number !== null ? number(one.number) : day(one.value))))));
}

// What can be done with an answer, and what may be asked next.
function below(exchange, key, page) {
  const { answer, beside } = exchange;
  const last = page.isLast(key);
  const thanks = h("p.thanks", { role: "status" }, exchange.rated ? t("feedback_thanks") : "");
  const actions = h("div.actions", { role: "group", "aria-label": t("actions") });
  if (answer) {
    actions.append(button("copy", "copy", async () => {
      if (await copy(cited(exchange))) page.tell(t("copied"));
    }));
    actions.append(button("link", page.state.links ? "link_answer" : "link", async () => {
      try {
        if (await copy(await page.linkTo(exchange))) page.tell(t("copied"));
      } catch (error) {
        page.tell(error.message);
      }
    }));
  }
  if (last) actions.append(button("again", "again", () => page.again(key)));
  const form = h("div");
  if (answer && !exchange.rated) {
    const rate = (verdict) => (own) => {
      const opened = form.firstChild?.dataset.verdict === verdict;
      form.replaceChildren(...(opened ? [] : [feedback(exchange, verdict, page, () => {
        form.replaceChildren();
        actions.querySelectorAll(".rate").forEach((one) => one.remove());
        thanks.textContent = t("feedback_thanks");
      })]));
      actions.querySelectorAll(".rate").forEach((one) => one.setAttribute("aria-expanded", String(!opened && one === own)));
      form.querySelector("input, textarea")?.focus();
    };
    for (const [name, verdict] of [["up", "up"], ["down", "down"]]) {
      const own = button(name, name === "up" ? "good" : "bad", rate(verdict), "rate");
      own.setAttribute("aria-expanded", "false");
      actions.append(own);
    }
  }
  const parts = [actions, form, thanks];
  if (last && beside?.next.length && answer?.status !== "clarify") {
    parts.push(h("section.next", { "aria-label": t("next") },
      h("h3", {}, answer?.status === "answered" ? t("next") : t("next_refused")),
      h("ul", {}, beside.next.map((question) =>
        h("li", {}, h("button.chip", { type: "button", dir: "auto", onclick: () => page.ask(question) }, question))))));
  }
  return parts;
}

function button(image, key, onclick, kind = "action") {
  const own = h(`button.icon-only.${kind}`, { type: "button", "aria-label": t(key), title: t(key), onclick: () => onclick(own) }, icon(image));
  return own;
}

function feedback(exchange, verdict, page, done) {
  const reasons = verdict === "down" && h("fieldset", {}, h("legend", {}, t("feedback_reason")),
    REASONS.map((reason) => h("label", {}, h("input", { type: "radio", name: "reason", value: reason }), t(`reason_${reason}`))));
  const comment = h("textarea", { rows: "2", maxlength: "1000", dir: "auto" });
  const problem = h("p.note", { role: "alert" });
  const form = h("form.feedback", { "data-verdict": verdict, onsubmit: async (event) => {
    event.preventDefault();
    const reason = new FormData(form).get("reason") || "";
    try {
      await page.rate(exchange, { verdict, reason, comment: comment.value.trim() });
      done();
    } catch (error) {
      problem.textContent = error.message;
    }
  } }, reasons, h("label", {}, h("span", {}, t("feedback_comment")), comment), h("p.note", {}, t("feedback_note", { days: page.state.keep_days })),
  problem, h("div.row", {}, h("button.primary", { type: "submit" }, t("feedback_send"))));
  return form;
}

// The answer as text with its sources below, for the clipboard.
export function cited({ question, answer }) {
  const sources = answer.citations.map((citation) => {
    const about = [citation.title, citation.publisher, citation.date && day(citation.date), citation.url].filter(Boolean);
    return `[${citation.n}] ${about.join(", ")}\n    “${citation.quote.replace(/\s*\n\s*/g, " ")}”`;
  });
  const dated = answer.as_of && answer.citations.length ? `${t("as_of", { date: day(answer.as_of) })}\n` : "";
  return `${question}\n\n${plain(answer.answer)}\n\n${dated}${sources.join("\n")}\n`;
}
