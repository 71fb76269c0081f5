// What an answer rests on: a card for each quote, and the whole document with the quoted words marked.

import { clear, h, icon } from "./dom.js";
import { document_, documentAddress } from "./stream.js";
import { age, day, t } from "./words.js";

const CARDS_SHOWN = 4; // further sources of one answer fold away
const ORIGINS_SHOWN = 5; // above a document; its own list holds all
const LINES_SHOWN = 4; // further lines of one quote fold away
const FIRMNESS = {
  official: "official",
  "member city": "member_city",
  press: "press",
  unofficial: "unofficial",
  organisation: "organisation",
};

export function cardId(key, n) {
  return `source-${key}-${n}`;
}

// The cards of an answer; `key` tells its exchange from the others of the page.
export function cards(answer, key, kinds, onBack) {
  const all = answer.citations.map((citation) => card(citation, key, kinds, onBack));
  const shown = all.length <= CARDS_SHOWN + 1 ? all : all.slice(0, CARDS_SHOWN);
  const folded = all.slice(shown.length);
  return h("section.sources", { "aria-label": t("sources") },
    h("h3", {}, t("sources"), h("span.count", {}, String(all.length))),
    h("ol", {}, shown),
    folded.length > 0 && h("details", {},
      h("summary", {}, t("more_quotes", { count: folded.length })), h("ol", {}, folded)));
}

// Unfolds and focuses the card of a citation.
export function show(key, n) {
  const found = document.getElementById(cardId(key, n));
  if (!found) return;
  const folded = found.closest("details");
  if (folded) folded.open = true;
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  found.scrollIntoView({ block: "nearest", behavior: calm ? "auto" : "smooth" });
  found.focus({ preventScroll: true });
  found.classList.remove("shown");
  void found.offsetWidth; // so that the mark shows again where the same card is opened twice
  found.classList.add("shown");
}

function card(citation, key, kinds, onBack) {
  const { n, origins = [], section, verified } = citation;
  const first = origins[0] || { ...citation, firmness: kinds[citation.source_id] || "" };
  const lines = quoteLines(citation.quote).map((line) => h("p", {}, line));
  const folded = lines.length > LINES_SHOWN + 1 ? lines.splice(LINES_SHOWN) : [];
  return h("li.card", { id: cardId(key, n), tabindex: "-1", value: n },
    h("span.n", { "aria-hidden": "true" }, String(n)),
    h("div", {},
      about(first),
      h("blockquote", { dir: "auto", lang: "en" }, lines,
        folded.length > 0 && h("details", {}, h("summary", {}, t("more_lines", { count: folded.length })), folded)),
      !verified && h("p.note", {}, t("unchecked")),
      h("p.place", {},
        h("button.text.read", { type: "button", "aria-label": t("read_named", { n }), onclick: () => open(citation) },
          t("read")),
        section && h("span.section", { dir: "auto", lang: "en" }, section)),
      origins.length > 1 && h("details.further", {},
        h("summary", {}, t("further_sources", { count: origins.length - 1 })),
        h("ul", {}, origins.slice(1).map((origin) => h("li", {}, about(origin))))),
      h("button.text.back", { type: "button", onclick: () => onBack(n) }, t("back_to_answer"))));
}

function about(origin) {
  const kind = kindOf(origin);
  const facts = [
    origin.publisher && h("span", { dir: "auto" }, origin.publisher),
    h("span", {}, origin.date ? day(origin.date) : t("undated"),
      age(origin.date) && h("span.age", {}, ` (${age(origin.date)})`)),
    kind && h("span.kind", { class: `kind ${origin.firmness.split(" ")[0]}` }, kind),
  ];
  return [h("p.title", { dir: "auto" }, link(origin.title, origin.url)), h("p.facts", {}, facts)];
}

// A copy of a text of UNESCO is said to be one.
function kindOf({ kind, firmness }) {
  if (kind === "unesco" && firmness === "unofficial") return t("copy_of_unesco");
  return FIRMNESS[firmness] ? t(FIRMNESS[firmness]) : "";
}

// A link to a page elsewhere; an address that is none of the web stays a text.
function link(text, url) {
  if (!/^https?:\/\//.test(url || "")) return text;
  return h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, text || url);
}

// The lines of a quote that have words, without the marks of headings, items and table rows.
export function quoteLines(quote) {
  return quote.split("\n")
    .map((line) => line.trim())
    .filter((line) => !/^\|[\s:|-]+\|?$/.test(line))
    .map((line) => line.replace(/^(?:#{1,6}|[-*+]) +/, "").replace(/^[|\s]+|[|\s]+$/g, ""))
    .filter(Boolean);
}

// A sheet over the page with the whole document, at the quoted words.
async function open(citation) {
  const body = h("div.document", { "aria-busy": "true" }, h("p.progress", {}, t("loading")));
  const title = h("h2", { id: "sheet-title", dir: "auto", lang: "en", tabindex: "-1" }, citation.document || citation.title);
  const origins = citation.origins?.length ? citation.origins : [citation];
  const sheet = h("dialog.sheet", { "aria-labelledby": "sheet-title" },
    h("header", {}, title,
      h("button.icon-only.close", { type: "button", "aria-label": t("close"), onclick: () => sheet.close() }, icon("close")),
      citation.document && h("p.facts", {}, t("restated")),
      h("details", { open: matchMedia("(min-width: 48rem) and (min-height: 48rem)").matches },
        h("summary", {}, t("quote_rests_on"), " ", String(origins.length)),
        h("ul.origins", {}, origins.slice(0, ORIGINS_SHOWN).map((origin) => h("li", {}, about(origin))))),
      h("p.facts", {}, h("a", { href: documentAddress(citation), target: "_blank", rel: "noopener" }, t("own_tab")))),
    body);
  sheet.addEventListener("click", (event) => event.target === sheet && sheet.close());
  sheet.addEventListener("close", () => sheet.remove());
  document.getElementById("uccn").append(sheet);
  sheet.showModal();
  title.focus();
  try {
    const page = await document_(citation);
    const parts = [...page.querySelectorAll("main, #sources")];
    clear(body, parts.map((part) => document.importNode(part, true)));
    const main = body.querySelector("main");
    main.replaceWith(h("div.text", { lang: main.lang, dir: "auto" }, ...main.childNodes));
    body.querySelectorAll("[id]").forEach((part) => part.setAttribute("id", `sheet-${part.id}`));
    body.addEventListener("click", (event) => {
      const anchor = event.target.closest('a[href^="#"]');
      if (!anchor) return;
      event.preventDefault(); // the page's <base> would make it a reload
      body.querySelector(`#sheet-${CSS.escape(anchor.hash.slice(1))}`)?.scrollIntoView({ block: "center" });
    });
    body.querySelector("mark")?.scrollIntoView({ block: "center" });
  } catch (error) {
    clear(body, h("p.note", { role: "alert" }, error.message));
  }
  body.removeAttribute("aria-busy");
}
