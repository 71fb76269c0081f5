// The chat page: its frame, its conversations, and the way of a question to its answer.

import * as answers from "./answer.js";
import { explore } from "./cities.js";
import * as conversations from "./conversations.js";
import { clear, download, h, icon } from "./dom.js";
import { plain } from "./markdown.js";
import * as sources from "./sources.js";
import * as server from "./stream.js";
import { current, day, directionOf, keepLanguage, LANGUAGES, load, number, preferred, t } from "./words.js";

const THEMES = ["auto", "light", "dark"];
const FORMATS = ["md", "docx", "pdf", "ics"];
const WIDE = matchMedia("(min-width: 75rem)");
const NARROW = matchMedia("(max-width: 60rem)"); // the conversations are in a drawer
const MOST_CARRIED = 12;
const OPEN_KEY = "uccn.open"; // the conversation of this tab, so that a reload shows it again

const state = JSON.parse(document.getElementById("uccn-state").textContent);
const root = h("div", { id: "uccn" });
const parts = {};
let conversation = conversations.begin();
let active = -1; // the exchange whose sources stand beside the thread
let carried = []; // questions that a link brings along
let asking = null; // { controller } while an answer comes

const page = {
  state,
  isLast: (key) => key === conversation.exchanges.length - 1 && !asking,
  ask,
  again: (key) => resend(key, conversation.exchanges[key].question),
  goesOn: (key) => key > 0 && page.isLast(key) && conversation.exchanges[key - 1].answer?.status !== "clarify",
  alone: (key) => resend(key, conversation.exchanges[key].question, []),
  edit: resend,
  cite,
  rate,
  linkTo,
  tell,
};

// --- the frame ---

function build() {
  speakAs(current());
  const language = h("select", { id: "language", "aria-label": t("language"), onchange: (event) => speak(event.target.value) },
    Object.entries(LANGUAGES).map(([code, name]) => h("option", { value: code, lang: code, selected: code === current() }, name)));
  parts.theme = h("select", { id: "theme", onchange: (event) => paint(event.target.value) },
    THEMES.map((name) => h("option", { value: name, selected: name === painted() }, t(`theme_${name}`))));
  Object.assign(parts, {
    themed: h("label.theme", {}, h("span", {}, t("theme")), parts.theme),
    side: h("nav.side", { id: "side", "aria-label": t("conversations") }),
    thread: h("div.thread", { id: "thread" }),
    panel: h("aside.panel", { id: "panel", "aria-label": t("sources"), hidden: true }),
    box: h("textarea", { id: "question", rows: "1", maxlength: state.longest, dir: "auto", "aria-label": t("question"),
      placeholder: t("placeholder"), autocomplete: "off", oninput: grow, onkeydown: pressed }),
    send: h("button.primary.send", { id: "send", type: "submit", "aria-label": t("send") }, icon("send"), h("span", {}, t("send"))),
    stop: h("button.stop", { id: "stop", type: "button", "aria-label": t("stop"), hidden: true, onclick: stop }, icon("stop"), h("span", {}, t("stop"))),
    status: h("p.hidden", { role: "status" }),
    toast: h("p.toast", { "aria-hidden": "true", hidden: true }),
    export: h("details.menu", { id: "export", hidden: true },
      h("summary.icon-only", { "aria-label": t("export"), title: t("export") }, icon("export")),
      h("div.items", {},
        state.exports && FORMATS.map((format) => h("button", { type: "button", onclick: () => save(format) }, t(`export_${format}`))),
        h("button", { type: "button", onclick: () => { parts.export.open = false; print(); } }, t("print")))),
  });
  clear(root,
    h("a.skip", { href: "#question", onclick: (event) => { event.preventDefault(); parts.box.focus(); } }, t("skip")),
    h("header.bar", {},
      h("button.icon-only.menu-button", { type: "button", "aria-label": t("conversations"), "aria-expanded": "false",
        "aria-controls": "side", onclick: () => drawer() }, icon("menu")),
      h("h1", {}, state.name), h("p.about", {}, t("about")),
      parts.tools = h("nav.tools", { "aria-label": t("tools") },
        h("button.tool", { id: "explore", type: "button", onclick: () => explore((row) => ask(t("ask_city", { city: row.name }))).catch(failed) },
          icon("map"), h("span", {}, t("explore"))),
        state.path && h("a.tool", { id: "path", href: `path?lang=${current()}` }, icon("list"), h("span", {}, t("path"))),
        parts.export, language)),
    h("div.columns-of-page", {},
      parts.side,
      h("main", {},
        parts.thread,
        h("form.composer", { onsubmit: (event) => { event.preventDefault(); submit(); } },
          h("div.field", {}, parts.box, parts.send, parts.stop),
          h("p.foot", {}, t("decides"), " ", h("a", { href: `mailto:${state.contact}` }, state.contact), ". ",
            h("button.text", { id: "privacy", type: "button", onclick: privacy }, t("privacy"))))),
      parts.panel),
    parts.status, parts.toast);
  drawSide();
  drawThread();
}

// Gradio, too, names a language for the document: that of the browser, whatever the page is in.
function speakAs(code) {
  for (const element of [root, document.documentElement]) Object.assign(element, { lang: code, dir: directionOf(code) });
  document.title = state.name;
}

async function speak(code) {
  await load(code);
  keepLanguage(code);
  for (const exchange of conversation.exchanges) delete exchange.beside; // their names are in the old language
  build();
  conversation.exchanges.forEach((_, key) => fetchBeside(key));
  document.getElementById("language").focus();
}

function painted() {
  try {
    return localStorage.getItem("uccn.theme") || "auto";
  } catch {
    return "auto";
  }
}

function paint(name) {
  document.documentElement.dataset.theme = name;
  try {
    localStorage.setItem("uccn.theme", name);
  } catch {}
}

function drawer(open = !root.classList.contains("side-open")) {
  root.classList.toggle("side-open", open);
  const button = root.querySelector(".menu-button");
  button.setAttribute("aria-expanded", String(open));
  if (open) parts.side.querySelector("button").focus();
  else if (parts.side.contains(document.activeElement)) button.focus();
}

// --- conversations ---

function drawSide() {
  const all = conversations.list();
  clear(parts.side,
    h("button.new", { id: "new", type: "button", onclick: fresh }, icon("plus"), t("new_conversation")),
    h("h2", {}, t("conversations")),
    all.length ? h("ul", {}, all.map(entry)) : h("p.note", {}, t("no_conversations")),
    !conversations.kept && h("p.note", {}, t("not_kept")));
  placeTheme();
}

// The choice of colours stands in the head where there is room, else below the conversations.
function placeTheme() {
  const place = NARROW.matches ? parts.side : parts.tools;
  if (parts.themed.parentNode !== place) place.append(parts.themed); // to move it would take the focus from it
}

function entry(one) {
  const own = one.id === conversation.id;
  return h("li", { class: own ? "own" : "" },
    h("button.open", { type: "button", dir: "auto", "aria-current": own ? "true" : false, onclick: () => openConversation(one.id) }, one.title),
    h("button.icon-only", { type: "button", "aria-label": t("rename_named", { title: one.title }), title: t("rename"), onclick: (event) => rename(one, event.currentTarget.closest("li")) }, icon("edit")),
    h("button.icon-only", { type: "button", "aria-label": t("delete_named", { title: one.title }), title: t("delete"), onclick: () => erase(one) }, icon("trash")));
}

function rename(one, line) {
  const box = h("input", { type: "text", maxlength: "80", "aria-label": t("rename"), value: one.title, dir: "auto" });
  const form = h("form.rename", { onsubmit: (event) => {
    event.preventDefault();
    const title = box.value.trim();
    if (title) {
      const held = one.id === conversation.id ? conversation : one;
      held.title = title;
      held.named = true;
      conversations.save(kept(held));
    }
    drawSide();
    focusEntry(one.id);
  } }, box);
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    drawSide();
    focusEntry(one.id);
  });
  clear(line, form);
  box.select();
}

function focusEntry(id) {
  const place = conversations.list().findIndex((one) => one.id === id);
  parts.side.querySelectorAll("button.open")[place]?.focus();
}

async function erase(one) {
  if (!(await confirmed(t("delete_sure", { title: one.title }), t("delete")))) return;
  conversations.remove(one.id);
  if (one.id === conversation.id) fresh();
  else drawSide();
  parts.side.querySelector("button").focus();
}

function confirmed(question, label) {
  return new Promise((resolve) => {
    const dialog = h("dialog.confirm", { "aria-labelledby": "confirm-question", onclose: () => { dialog.remove(); resolve(dialog.returnValue === "yes"); } },
      h("form", { method: "dialog" }, h("p", { id: "confirm-question" }, question),
        h("div.row", {}, h("button.danger", { value: "yes" }, label), h("button", { value: "no", autofocus: true }, t("cancel")))));
    root.append(dialog);
    dialog.showModal();
  });
}

function fresh() {
  stop();
  conversation = conversations.begin();
  openInTab("");
  active = -1;
  drawer(false);
  drawSide();
  drawThread();
  parts.box.focus();
}

function openConversation(id) {
  const found = conversations.get(id);
  if (!found) return drawSide();
  stop();
  conversation = found;
  openInTab(id);
  active = found.exchanges.length - 1;
  drawer(false);
  drawSide();
  drawThread();
  found.exchanges.forEach((_, key) => fetchBeside(key));
  last()?.scrollIntoView({ block: "start" });
  parts.box.focus({ preventScroll: true });
}

function openInTab(id) {
  try {
    sessionStorage.setItem(OPEN_KEY, id);
  } catch {}
}

// What is kept of a conversation: not what the server can tell again.
function kept(one) {
  const exchanges = one.exchanges.filter((exchange) => exchange.answer || exchange.failure)
    .map(({ question, answer, failure, rated }) => ({ question, answer, failure, rated }));
  return { ...one, exchanges };
}

function keep() {
  if (!conversation.named && conversation.exchanges.length) conversation.title = conversations.titled(conversation.exchanges[0].question);
  conversation.updated = Date.now();
  conversations.save(kept(conversation));
  openInTab(conversation.id);
  drawSide();
}

// --- the thread ---

function drawThread() {
  parts.export.hidden = !conversation.exchanges.length;
  clear(parts.thread, conversation.exchanges.length ? conversation.exchanges.map((exchange, key) => answers.view(exchange, key, page)) : welcome());
  placeSources();
}

function welcome() {
  const known = state.documents
    ? t("corpus", { count: number(state.documents), date: day(state.newest) })
    : t("corpus_empty");
  return h("section.welcome", {},
    h("h2", {}, t("welcome")), h("p.purpose", {}, t("purpose")), h("p.corpus", {}, known),
    carried.length > 0 && h("section.carried", {},
      h("h3", {}, t("carried")), h("ol", {}, carried.map((question) => h("li", { dir: "auto" }, question))),
      h("button.primary", { type: "button", onclick: askCarried }, t("carry_on"))),
    h("h3", {}, t("examples_title")),
    h("ul.examples", {}, t("examples").map((question) =>
      h("li", {}, h("button", { type: "button", onclick: () => ask(question) }, question)))));
}

function draw(key) {
  const old = document.getElementById(`exchange-${key}`);
  const now = answers.view(conversation.exchanges[key], key, page);
  if (old) old.replaceWith(now);
  else parts.thread.append(now);
  placeSources();
}

// The widget hands over its questions; they are asked again, once the visitor says so: no answer comes out of a link.
async function askCarried() {
  for (const question of carried.splice(0)) {
    if (asking) return;
    await ask(question);
  }
}

function readCarried() {
  try {
    const found = JSON.parse(new URLSearchParams(location.hash.slice(1)).get("ask") || "[]");
    return found.filter((one) => typeof one === "string" && one.trim()).slice(-MOST_CARRIED).map((one) => one.slice(0, state.longest));
  } catch {
    return []; // a link that was cut off
  }
}

function last() {
  return parts.thread.querySelector(".exchange:last-child");
}

// The cards of each answer stand below it, those of one answer beside the thread where there is room.
function placeSources() {
  const { exchanges } = conversation;
  if (!exchanges[active]) active = exchanges.length - 1;
  const beside = WIDE.matches && exchanges.some((one) => one.answer?.citations.length);
  parts.panel.hidden = !beside;
  root.classList.toggle("with-panel", beside);
  exchanges.forEach((exchange, key) => {
    const slot = document.getElementById(`sources-of-${key}`);
    if (!slot || (beside && key === active)) return;
    if (beside) {
      const show = () => {
        active = key;
        placeSources();
        parts.panel.querySelector("li.card")?.focus();
      };
      clear(slot, h("button.chip.show-sources", { type: "button", onclick: show },
        t("show_sources", { count: exchange.answer.citations.length })));
    } else clear(slot, cardsOf(key));
  });
  const shown = beside ? mark(active) : "";
  if (parts.panel.dataset.shown === shown) return;
  parts.panel.dataset.shown = shown;
  parts.panel.scrollTop = 0;
  clear(document.getElementById(`sources-of-${active}`) || h("div"));
  clear(parts.panel, beside && (exchanges[active].answer?.citations.length ? cardsOf(active) : h("p.note", {}, t("no_quotes"))));
}

function cardsOf(key) {
  const { answer, beside } = conversation.exchanges[key];
  return sources.cards(answer, key, beside?.kinds || {}, (n) => back(key, n));
}

function mark(key) {
  const { answer, beside } = conversation.exchanges[key];
  return [conversation.id, key, answer?.answer.length, answer?.route, Boolean(beside), current()].join(" ");
}

function cite(key, n) {
  if (active !== key) {
    active = key;
    placeSources();
  }
  sources.show(key, n);
}

function back(key, n) {
  const found = document.querySelector(`#exchange-${key} .marker[data-n="${n}"]`);
  found?.scrollIntoView({ block: "center" });
  found?.focus({ preventScroll: true });
}

// --- asking ---

let revealed = -1; // where the window stood when the newest question was scrolled to the top

function reveal() {
  last().scrollIntoView({ block: "start" });
  revealed = window.scrollY;
}

function grow() {
  parts.box.style.blockSize = "auto";
  parts.box.style.blockSize = `${Math.min(parts.box.scrollHeight + 2, 180)}px`;
}

function pressed(event) {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return; // Enter also ends a word of Chinese or Japanese
  event.preventDefault();
  submit();
}

function submit() {
  const question = parts.box.value.trim();
  if (!question || asking) return;
  parts.box.value = "";
  grow();
  ask(question);
}

// Asks anew in the place of an exchange; `before` is what was said so far, where that is not the whole thread.
function resend(key, question, before) {
  if (asking) return;
  conversation.exchanges.length = key;
  drawThread();
  ask(question, before);
}

async function ask(question, before = [...conversation.exchanges]) {
  if (asking) return;
  const exchange = { question, answer: null, failure: "", text: "", progress: t("searching") };
  const own = conversation;
  const key = own.exchanges.push(exchange) - 1;
  const controller = new AbortController();
  asking = { controller };
  busy(true);
  if (key === 0) clear(parts.thread);
  else draw(key - 1); // it is no longer the last
  draw(key);
  parts.export.hidden = false;
  if (key > 0) reveal();
  try {
    for await (const event of server.ask(question, before, own.id, controller.signal)) {
      take(exchange, event);
      if (own === conversation) draw(key);
    }
    if (!exchange.answer || exchange.progress) throw new server.Failure(exchange.failure || t("broken"));
  } catch (error) {
    exchange.progress = "";
    exchange.text = "";
    if (!exchange.answer) exchange.failure = error.name === "AbortError" ? t("stopped") : error instanceof server.Failure ? error.message : t("broken");
    if (error.name !== "AbortError" && !(error instanceof server.Failure)) console.error(error);
  }
  if (asking?.controller === controller) asking = null;
  if (own !== conversation) return; // the visitor went on to another conversation
  busy(false);
  active = key;
  keep();
  const still = window.scrollY === revealed;
  draw(key);
  if (key > 0 && still) reveal(); // the sources of the answer before went from beside the thread into it
  parts.status.textContent = exchange.failure || `${t("answer_here")} ${plain(exchange.answer.answer).slice(0, 400)}`;
  await fetchBeside(key);
}

function take(exchange, { name, data }) {
  if (name === "status") {
    const count = /\d+/.exec(data.text)?.[0];
    exchange.progress = /^Reading/.test(data.text) && count ? t("reading", { count: number(count) }) : t("searching");
  } else if (name === "delta" || name === "sentence") {
    exchange.text += name === "sentence" && exchange.text ? ` ${data.text}` : data.text;
    exchange.progress = exchange.answer ? t("rewording") : t("writing");
  } else if (name === "instant") {
    Object.assign(exchange, { answer: data, text: "", progress: t("rewording") });
  } else if (name === "answer") {
    Object.assign(exchange, { answer: data, text: "", progress: "" });
  } else if (name === "error") {
    exchange.failure = server.said(data.error?.code === "invalid" ? 422 : 500, data.error?.message);
  }
}

async function fetchBeside(key) {
  const exchange = conversation.exchanges[key];
  if (!exchange?.answer || exchange.beside) return;
  try {
    exchange.beside = await server.exhibit(exchange.answer, conversation.exchanges.map((one) => one.question));
  } catch (error) {
    console.warn(error.message); // the answer is whole without it
    exchange.beside = { cities: [], series: [], next: [], kinds: {} };
  }
  if (conversation.exchanges[key] === exchange) draw(key);
}

function stop() {
  asking?.controller.abort();
  asking = null;
  if (parts.send) busy(false);
}

function busy(now) {
  parts.send.hidden = now;
  parts.stop.hidden = !now;
  if (now) parts.status.textContent = t("searching");
}

// --- what one does with an answer ---

async function rate(exchange, { verdict, reason, comment }) {
  const { question, answer } = exchange;
  await server.rate({ question, answer: answer.answer, verdict, reason, comment, conversation: conversation.id, channel: "chat" });
  exchange.rated = verdict;
  keep();
}

// A link that tells on opening whether the answer still stands; where the server makes none, one that asks again.
async function linkTo({ question, answer }) {
  if (state.links) return new URL(await server.permalink(answer), document.baseURI).href;
  const address = new URL(document.baseURI);
  address.search = new URLSearchParams({ q: question });
  address.hash = "";
  return address.href;
}

async function save(format) {
  parts.export.open = false;
  try {
    const answered = conversation.exchanges.filter((one) => one.answer);
    const { name, blob } = await server.exported(format, conversation.title, answered);
    download(name, blob.type, blob);
  } catch (error) {
    failed(error);
  }
}

function failed(error) {
  tell(error instanceof server.Failure ? error.message : t("broken"));
}

function tell(message) {
  parts.toast.textContent = message;
  parts.toast.hidden = false;
  parts.status.textContent = message;
  clearTimeout(tell.timer);
  tell.timer = setTimeout(() => { parts.toast.hidden = true; }, 4000);
}

function privacy() {
  const lines = ["privacy_browser", `privacy_${state.keep}`, "privacy_feedback", "privacy_network", ...(state.model ? ["privacy_model"] : [])];
  const dialog = h("dialog.privacy", { "aria-labelledby": "privacy-title", onclose: () => dialog.remove() },
    h("header", {}, h("h2", { id: "privacy-title" }, t("privacy")),
      h("button.icon-only.close", { type: "button", "aria-label": t("close"), onclick: () => dialog.close() }, icon("close"))),
    h("ul", {}, lines.map((line) => h("li", {}, t(line, { days: number(state.keep_days) })))),
    h("button.danger", { type: "button", onclick: async () => {
      if (!(await confirmed(t("delete_all_sure"), t("delete_all")))) return;
      conversations.list().forEach((one) => conversations.remove(one.id));
      dialog.close();
      fresh();
    } }, t("delete_all")));
  root.append(dialog);
  dialog.showModal();
}

// --- the beginning ---

function begin() {
  let id = "";
  try {
    id = sessionStorage.getItem(OPEN_KEY) || "";
  } catch {}
  build();
  if (id && conversations.get(id)) openConversation(id);
  const asked = new URLSearchParams(location.search).get("q");
  carried = readCarried();
  if (asked) {
    fresh();
    if (carried.length < 2) parts.box.value = asked.slice(0, state.longest);
    grow();
    history.replaceState(null, "", location.pathname);
  }
  if (WIDE.matches || asked) parts.box.focus({ preventScroll: true });
}

// Gradio draws its frame now sooner, now later than this page is there; the page then moves in.
window.uccnFrame = () => {
  const slot = window.uccnSlot;
  if (!slot || !root.isConnected) return;
  const focused = root.contains(document.activeElement) ? document.activeElement : null;
  const { scrollX, scrollY } = window;
  slot.append(root);
  slot.closest("main")?.setAttribute("role", "presentation"); // the page has a main part of its own
  focused?.focus({ preventScroll: true });
  window.scrollTo(scrollX, scrollY);
  speakAs(current());
};

NARROW.addEventListener("change", () => parts.themed && placeTheme());
WIDE.addEventListener("change", () => parts.thread && placeSources());
conversations.onChange(() => parts.side && drawSide());
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || document.querySelector("dialog[open]")) return;
  parts.export.open = false;
  if (root.classList.contains("side-open")) drawer(false);
});
document.addEventListener("click", (event) => {
  if (parts.export?.open && !parts.export.contains(event.target)) parts.export.open = false;
});

paint(painted());
await load(preferred());
document.body.prepend(root);
begin();
window.uccnFrame();
