/* The UCCN Assistant on any website: one script, one element <uccn-assistant>, no cookie, no host but its own.
   Every text is set as text, never as markup, so nothing that a visitor or a document says can run. */
(() => {
  "use strict";
  const TAG = "uccn-assistant";
  if (customElements.get(TAG)) return;

  const SCRIPT = document.currentScript;
  const HOST = new URL(".", SCRIPT.src).href.replace(/widget\/$/, "");
  const [NAMES, ROWS] = /* WORDS */ [[], {}];
  const OPTIONS = ["language", "heading", "mode", "position", "theme", "accent", "greeting", "questions", "contact"];
  const RIGHT_TO_LEFT = ["ar"];
  const CONTACT = "creativecities@unesco.org";
  const KEPT = 20; // exchanges kept over page changes
  const TURNS = 6; // exchanges that a follow-up is read with
  const SOURCES = 4; // shown before the rest folds away
  const ICONS = {
    chat: "M4 4h16v12H9l-5 4z",
    close: "M5 5l14 14M19 5L5 19",
    fresh: "M12 5v14M5 12h14",
    full: "M10 5H5v14h14v-5M13 4h7v7M20 4l-9 9",
    send: "M4 12h15M13 6l6 6-6 6",
    stop: "M7 7h10v10H7z",
  };

  const DARK = `--paper: #111827; --ink: #f1f5f9; --soft: #a9b5c4; --line: #45536a; --tint: #1e293b; --link: #8ccaf7; --mark: #3f3a1d; color-scheme: dark;`;
  const STYLE = `
:host { all: initial !important; display: block !important; direction: ltr; font: 16px/1.5 var(--uccn-font, system-ui, sans-serif) !important;
  --paper: #fff; --ink: #17212f; --soft: #536072; --line: #c9d1db; --tint: #f1f5f9; --link: #0b5c8f; --mark: #fff3c4; --fill: var(--uccn-accent, #0b5c8f); --on: var(--uccn-on, #fff); color-scheme: light; }
:host([theme=dark]) { ${DARK} }
@media (prefers-color-scheme: dark) { :host(:not([theme=light])) { ${DARK} } }
:host([mode=bubble]) { position: fixed !important; inset: auto 16px 16px auto !important; width: auto !important; height: auto !important; margin: 0 !important; padding: 0 !important; border: 0 !important; overflow: visible !important; background: none !important; z-index: 2147483647 !important; }
:host([mode=bubble][position=left]) { inset: auto auto 16px 16px !important; }
:host([mode=full]) { position: fixed !important; inset: 0 !important; }
:host([hidden]) { display: none !important; }
* { box-sizing: border-box; }
[hidden] { display: none !important; }
button, textarea { font: inherit; color: inherit; }
button { cursor: pointer; border: 1px solid var(--line); border-radius: 8px; background: var(--paper); padding: 6px 10px; min-height: 32px; text-align: start; }
button:hover { background: var(--tint); }
:is(button, a, textarea, summary, [tabindex]):focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
a { color: var(--link); }
svg { width: 20px; height: 20px; fill: none; stroke: currentColor; stroke-width: 2; display: block; flex: none; }
.launch, .main { background: var(--fill); color: var(--on); border-color: transparent; }
.launch:hover, .main:hover { background: var(--fill); text-decoration: underline; }
.launch { display: flex; gap: 8px; align-items: center; padding: 12px 18px; border-radius: 28px; box-shadow: 0 2px 10px #0006; font-weight: 600; }
.icon { border-color: transparent; background: none; padding: 6px; min-width: 32px; }
.panel { display: flex; flex-direction: column; background: var(--paper); color: var(--ink); border: 1px solid var(--line); border-radius: 12px; overflow: hidden; height: min(640px, 80vh); overflow-wrap: anywhere; }
:host([mode=bubble]) .panel { position: absolute; bottom: 0; inset-inline-end: auto; right: 0; width: min(400px, calc(100vw - 32px)); height: min(640px, calc(100vh - 32px)); box-shadow: 0 8px 32px #0005; }
:host([mode=bubble][position=left]) .panel { right: auto; left: 0; }
:host([mode=full]) .panel { height: 100%; border: 0; border-radius: 0; }
.head { display: flex; align-items: center; gap: 4px; padding: 8px 8px 8px 16px; border-bottom: 1px solid var(--line); }
[dir=rtl] .head { padding: 8px 16px 8px 8px; }
[dir=rtl] form svg { transform: scaleX(-1); }
::placeholder { color: var(--soft); opacity: 1; }
h2 { flex: 1; margin: 0; font-size: 16px; line-height: 1.3; }
.log { flex: 1; overflow-y: auto; padding: 16px; overscroll-behavior: contain; }
.log > * + * { margin-top: 16px; }
p, h3, ul, ol, blockquote, figure, table { margin: 0; padding: 0; }
.said > * + * { margin-top: 8px; }
.said :is(ul, ol) { padding-inline-start: 20px; }
.said blockquote, .quote { border-inline-start: 3px solid var(--line); padding-inline-start: 10px; }
.grid { overflow-x: auto; }
table { border-collapse: collapse; }
td, th { border: 1px solid var(--line); padding: 3px 8px; text-align: start; }
.ask { background: var(--tint); border-radius: 12px; padding: 8px 12px; font-size: 16px; font-weight: 600; margin-inline-start: 24px; white-space: pre-wrap; }
.reply { margin-top: 10px; }
.reply > * + * { margin-top: 8px; }
.plain { border: 1px dashed var(--line); border-radius: 8px; padding: 8px 12px; }
.label { font-weight: 600; }
.soft, .foot, .fine { color: var(--soft); font-size: 14px; }
.mark { padding: 0 5px; min-height: 24px; min-width: 24px; margin: 0 1px; text-align: center; font-size: 13px; line-height: 1.4; border-radius: 6px; color: var(--link); vertical-align: 1px; }
.mark[aria-expanded=true] { background: var(--mark); }
.quote { margin: 6px 0; padding: 6px 10px; background: var(--mark); border-radius: 6px; font-size: 14px; }
.quote blockquote { border: 0; padding: 0; max-height: 12em; overflow-y: auto; white-space: pre-line; }
.badge { display: inline-block; border: 1px solid var(--line); border-radius: 12px; padding: 0 10px; font-size: 13px; background: var(--tint); }
.sources { font-size: 14px; padding-inline-start: 0; list-style: none; }
.sources li { padding: 3px 0; }
.row { display: flex; flex-wrap: wrap; gap: 6px; align-items: center; }
.row button { font-size: 14px; }
.start { display: grid; gap: 6px; margin-top: 8px; }
.start button { min-height: 40px; }
form { display: flex; gap: 6px; padding: 10px; border-top: 1px solid var(--line); align-items: end; }
.rate { display: grid; flex: 1; justify-items: start; border: 0; padding: 0; }
textarea { flex: 1; resize: none; border: 1px solid var(--soft); border-radius: 8px; padding: 8px 10px; background: var(--paper); min-height: 42px; max-height: 140px; field-sizing: content; width: 100%; }
form .main { padding: 10px; min-height: 42px; }
.foot { padding: 0 12px 10px; font-size: 13px; }
.away { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.wait::after { content: "…"; }
@media (max-width: 480px) {
  :host([mode=bubble][open]) { inset: 0 !important; }
  :host([mode=bubble]) .panel { position: fixed; inset: 0 0 auto 0 !important; width: 100%; height: var(--seen, 100dvh); border: 0; border-radius: 0; padding-bottom: env(safe-area-inset-bottom); }
}
@media print { .launch { display: none; } }`;

  /** Make an element: its properties, then what stands in it. */
  function make(tag, properties = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(properties)) {
      if (name.startsWith("aria")) element.setAttribute("aria-" + name.slice(4).toLowerCase(), value);
      else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else if (name in element) element[name] = value;
      else element.setAttribute(name, value);
    }
    element.append(...children.filter((child) => child !== null && child !== ""));
    return element;
  }

  function icon(name) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    path.setAttribute("d", ICONS[name]);
    svg.append(path);
    return svg;
  }

  /** The light Markdown of an answer as elements: bold, italics, lists, tables, quotes, and a button for each marker. */
  function inline(text, marker) {
    const parts = [];
    const pattern = /\\([\\`*_{}[\]()#+.!|>~-])|\*\*(.+?)\*\*|\*([^*\s][^*]*)\*|\[(\d{1,3})\]/g;
    let end = 0;
    for (const found of text.matchAll(pattern)) {
      parts.push(text.slice(end, found.index));
      end = found.index + found[0].length;
      if (found[1]) parts.push(found[1]);
      else if (found[2]) parts.push(make("strong", {}, ...inline(found[2], marker)));
      else if (found[3]) parts.push(make("em", {}, ...inline(found[3], marker)));
      else parts.push(marker(Number(found[4])) ?? found[0]);
    }
    return [...parts, text.slice(end)];
  }

  function rendered(text, marker) {
    const blocks = [];
    const kinds = [
      ["li", /^\s*(?:[-*+]|\d+[.)]) +/],
      ["td", /^\s*\|/],
      ["blockquote", /^\s*> ?/],
    ];
    let before = "";
    for (const line of text.split("\n")) {
      const [kind, sign] = kinds.find(([, sign]) => sign.test(line)) ?? ["p", /^#+ +/];
      const last = blocks[blocks.length - 1];
      const words = () => inline(line.replace(sign, ""), marker);
      if (!line.trim() || /^\s*\|?[\s:|-]*-[\s:|-]*\|?\s*$/.test(line)) before = "";
      else if (kind === "li" && before === "li") last.append(make("li", {}, ...words()));
      else if (kind === "li") blocks.push(make(/^\s*\d/.test(line) ? "ol" : "ul", {}, make("li", {}, ...words())));
      else if (kind === "td") {
        const cells = line.trim().replace(/^\||\|$/g, "").split(/(?<!\\)\|/);
        const inside = last?.className === "grid";
        const row = make("tr", {}, ...cells.map((cell) => make(inside ? "td" : "th", {}, ...inline(cell.trim(), marker))));
        if (inside) last.firstChild.append(row);
        else blocks.push(make("div", { className: "grid", tabIndex: 0 }, make("table", {}, row)));
      } else if (kind === before) last.append(make("br"), ...words());
      else blocks.push(make(kind, {}, ...words()));
      if (line.trim() && kind !== "td") before = kind;
    }
    return blocks;
  }

  /** The storage of this tab, where the browser has one: it ends with the tab and is sent nowhere. */
  const storage = {
    key: "uccn " + HOST,
    read() {
      try {
        const { id, open, exchanges } = JSON.parse(sessionStorage.getItem(this.key));
        return { id: String(id), open: open === true, exchanges: exchanges.filter((one) => one.question) };
      } catch {
        return {}; // nothing yet, or forbidden
      }
    },
    write(state) {
      try {
        sessionStorage.setItem(this.key, JSON.stringify(state));
      } catch {} // full or forbidden: the conversation ends with the page
    },
  };

  class Assistant extends HTMLElement {
    static observedAttributes = OPTIONS;
    #built = false;
    #state = { id: crypto.randomUUID?.() ?? String(Math.random()).slice(2), open: false, exchanges: [], ...storage.read() };
    #running = null;
    #parts = {};
    #words = {};

    connectedCallback() {
      if (!this.#built) this.#build();
    }

    disconnectedCallback() {
      this.#running?.abort();
    }

    attributeChangedCallback(name, before, after) {
      if (this.#built && before !== after) this.#build();
    }

    // What a page may call.

    open() {
      this.#show(true);
      this.#parts.box.focus();
      this.#tell("open");
    }

    close() {
      this.#show(false);
      this.#parts.launch.focus();
      this.#tell("close");
    }

    async ask(question) {
      const text = String(question ?? "").trim();
      if (!text || this.#running) return;
      this.#show(true);
      const exchange = { question: text, broken: true };
      this.#state.exchanges = [...this.#state.exchanges.slice(1 - KEPT), exchange];
      this.#save();
      await this.#answer(exchange);
    }

    // Drawing.

    #option(name, otherwise = "") {
      return this.getAttribute(name) || SCRIPT.dataset[name] || otherwise;
    }

    #build() {
      const asked = [this.#option("language"), document.documentElement.lang, ...navigator.languages, "en"];
      const language = asked.map((tag) => tag.toLowerCase().split("-")[0]).find((tag) => tag in ROWS);
      const words = (this.#words = Object.fromEntries(NAMES.map((name, place) => [name, ROWS[language][place]])));
      const mode = this.#option("mode", "bubble");
      if (this.getAttribute("mode") !== mode) this.setAttribute("mode", mode);
      if (this.#option("position") === "left") this.setAttribute("position", "left");
      this.language = language;
      const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
      this.#style(root);
      const heading = this.#option("heading", words.heading);
      const bubble = mode === "bubble";
      const tool = (name, action) =>
        make("button", { type: "button", className: "icon", ariaLabel: words[name], title: words[name], onclick: action }, icon(name));
      const part = (this.#parts = {});
      part.launch = make(
        "button",
        { type: "button", className: "launch", ariaHasPopup: "dialog", onclick: () => this.open() },
        icon("chat"),
        words.open,
      );
      part.log = make("div", { className: "log", tabIndex: 0, role: "region", ariaLabel: heading });
      part.news = make("div", { className: "away", role: "status" });
      part.box = make("textarea", {
        rows: 1,
        ariaLabel: words.question,
        placeholder: words.question,
        maxLength: 2000,
        onkeydown: (event) => {
          if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
          event.preventDefault();
          this.#submit();
        },
      });
      part.send = make("button", { className: "main", ariaLabel: words.send, title: words.send }, icon("send"));
      part.stop = make(
        "button",
        { type: "button", className: "main", ariaLabel: words.stop, title: words.stop, onclick: () => this.#stop() },
        icon("stop"),
      );
      part.panel = make(
        "section",
        { className: "panel", ariaLabel: heading, lang: language, dir: RIGHT_TO_LEFT.includes(language) ? "rtl" : "ltr" },
        make(
          "div",
          { className: "head" },
          make("h2", {}, heading),
          tool("fresh", () => this.#fresh()),
          tool("full", () => window.open(this.#fullChat(), "_blank", "noopener")),
          bubble ? tool("close", () => this.close()) : "",
        ),
        part.log,
        part.news,
        make("form", { onsubmit: (event) => (event.preventDefault(), this.#submit()) }, part.box, part.send, part.stop),
        make("p", { className: "foot" }, words.note, " ", this.#mail()),
      );
      if (bubble) {
        part.panel.setAttribute("role", "dialog");
        part.panel.addEventListener("keydown", (event) => this.#keys(event));
      }
      // What is typed here is no shortcut of the page.
      for (const name of ["keydown", "keypress", "keyup"]) part.panel.addEventListener(name, (event) => event.stopPropagation());
      root.replaceChildren(...(bubble ? [part.launch] : []), part.panel);
      this.#busy(null);
      this.#redraw();
      this.#show(!bubble || this.#state.open);
      this.#colour();
      if (bubble && this.showPopover && !this.popover) {
        this.popover = "manual"; // above everything, whatever the page does with its body
        this.showPopover();
      }
      this.#built = true;
    }

    /** Style without a style element, which a strict policy of the page would refuse. */
    #style(root) {
      if (root.adoptedStyleSheets?.length) return;
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLE);
      root.adoptedStyleSheets = [sheet];
    }

    /** An accent of the page's own, with black or white words on it, whichever can be read better. */
    #colour() {
      const accent = this.#option("accent");
      if (accent) this.style.setProperty("--uccn-accent", accent);
      const sample = make("span", { className: "main" });
      this.shadowRoot.append(sample);
      const [red, green, blue] = getComputedStyle(sample).backgroundColor.match(/[\d.]+/g)?.map(Number) ?? [0, 0, 0];
      sample.remove();
      const linear = (value) => (value <= 10 ? value / 3295 : ((value / 255 + 0.055) / 1.055) ** 2.4);
      const light = 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
      this.style.setProperty("--uccn-on", light > 0.18 ? "#000" : "#fff");
    }

    #redraw() {
      const { exchanges } = this.#state;
      this.#parts.log.replaceChildren(...(exchanges.length ? exchanges.map((one) => this.#exchange(one)) : [this.#welcome()]));
      this.#parts.log.scrollTop = this.#parts.log.scrollHeight;
    }

    #welcome() {
      const questions = this.#option("questions").split("|").map((one) => one.trim()).filter(Boolean);
      const buttons = (questions.length ? questions : this.#words.questions).map((question) =>
        make("button", { type: "button", onclick: () => this.ask(question) }, question),
      );
      return make("div", {}, make("p", {}, this.#option("greeting", this.#words.greeting)), make("div", { className: "start" }, ...buttons));
    }

    #exchange(exchange) {
      const reply = make("div", { className: "reply" });
      this.#reply(reply, exchange);
      return make("article", {}, make("h3", { className: "ask", dir: "auto" }, exchange.question), reply);
    }

    #reply(place, exchange) {
      const { answer, failure, broken } = exchange;
      if (answer) place.replaceChildren(...this.#answered(answer, exchange));
      else if (failure || broken) place.replaceChildren(this.#failed(failure ?? this.#words.broke, exchange));
    }

    #failed(message, exchange) {
      const words = this.#words;
      const again = make("button", { type: "button", onclick: () => !this.#running && this.#answer(exchange) }, words.again);
      const full = this.#link(HOST, words.full);
      return make(
        "div",
        { className: "plain" },
        make("p", { className: "label" }, words.error),
        make("p", {}, message),
        make("div", { className: "row" }, again, full, this.#mail()),
      );
    }

    #answered(answer, exchange) {
      const words = this.#words;
      const direction = RIGHT_TO_LEFT.includes(answer.language) ? "rtl" : "auto";
      const said = make("div", { className: "said", lang: answer.language, dir: direction });
      const marker = (n) => {
        const citation = answer.citations.find((one) => one.n === n);
        return citation ? this.#marker(citation) : null;
      };
      said.append(...rendered(answer.answer, marker));
      const parts = [];
      const standalone = answer.standalone_question.trim();
      if (standalone && standalone.toLowerCase() !== answer.question.trim().toLowerCase()) {
        parts.push(make("p", { className: "soft" }, words.understood, " ", make("q", { dir: "auto" }, standalone)));
      }
      const notes = answer.notes.map((note) => make("p", { className: "soft", dir: "auto" }, note));
      const label = words[answer.status];
      if (label) parts.push(make("div", { className: "plain" }, make("p", { className: "label" }, label), said, ...notes));
      else parts.push(said, ...notes);
      if (answer.status === "clarify") parts.push(this.#choices(said));
      if (answer.citations.length) {
        if (answer.as_of) parts.push(make("p", { className: "badge" }, words.as_of.replace("{date}", this.#date(answer.as_of))));
        parts.push(this.#sources(answer.citations));
      }
      parts.push(this.#tools(answer, exchange, said));
      return parts;
    }

    /** The bold words of a question back are what one may choose. */
    #choices(said) {
      const names = [...said.querySelectorAll("strong")].map((one) => one.textContent);
      const buttons = names.map((name) => make("button", { type: "button", onclick: () => this.ask(name) }, name));
      return make("div", { className: "row" }, ...buttons);
    }

    #marker(citation) {
      const words = this.#words;
      let quote = null;
      const button = make("button", { type: "button", className: "mark", ariaExpanded: false }, String(citation.n));
      button.setAttribute("aria-label", words.source.replace("{n}", citation.n).replace("{title}", citation.title));
      button.addEventListener("click", () => {
        const open = button.getAttribute("aria-expanded") !== "true";
        button.setAttribute("aria-expanded", open);
        quote ??= this.#quote(citation);
        const block = button.closest("li, p, blockquote, .grid");
        if (!open) quote.remove();
        else if (block.tagName === "LI") block.append(quote);
        else block.after(quote);
      });
      return button;
    }

    #quote(citation) {
      const words = this.#words;
      const lines = citation.quote.split("\n").map((line) => line.replace(/^\s*(?:#+|[-*+]) +/, "").trim()).filter(Boolean);
      const text = make("blockquote", { dir: "auto", tabIndex: 0 }, lines.join("\n"));
      const place = make("p", {}, this.#link(this.#document(citation), words.read));
      return make("figure", { className: "quote" }, text, make("figcaption", {}, ...this.#about(citation), place));
    }

    #about(citation) {
      const origin = citation.origins?.[0];
      const from = origin ?? citation;
      const title = /^https?:\/\//.test(from.url) ? this.#link(from.url, from.title) : from.title;
      const firm = this.#words[origin?.firmness];
      const facts = [from.publisher, from.date ? this.#date(from.date) : this.#words.undated, firm];
      return [title, make("span", { className: "fine" }, " · " + facts.filter(Boolean).join(" · "))];
    }

    #sources(citations) {
      const words = this.#words;
      const items = citations.map((one) => make("li", { dir: "auto" }, `[${one.n}] `, ...this.#about(one), " ", this.#link(this.#document(one), words.read)));
      const list = (some) => make("ol", { className: "sources" }, ...some);
      const folded = items.length > SOURCES + 1 ? items.splice(SOURCES) : [];
      const more = make("summary", {}, words.more.replace("{n}", folded.length));
      const section = make("section", { ariaLabel: words.sources }, make("p", { className: "label" }, words.sources), list(items));
      if (folded.length) section.append(make("details", {}, more, list(folded)));
      return section;
    }

    #tools(answer, exchange, said) {
      const words = this.#words;
      const copy = make("button", { type: "button" }, words.copy);
      copy.addEventListener("click", async () => {
        const text = (n) => `[${n.n}] ${[n.title, n.publisher, n.date, n.url].filter(Boolean).join(", ")}`;
        const plain = answer.answer.replace(/\*\*|\\(?=[[\]*_|])/g, "");
        const whole = [answer.question, plain, ...answer.citations.map(text)].join("\n\n");
        copy.textContent = (await this.#copied(whole)) ? words.copied : words.error;
      });
      const rating = make("div", { className: "row" });
      if (answer.status !== "error" && !exchange.rated) {
        const send = (verdict, comment = "") => this.#rate(exchange, { verdict, comment }, rating);
        const up = make("button", { type: "button", onclick: () => send("up") }, words.up);
        const down = make("button", { type: "button", onclick: () => rating.replaceChildren(this.#complaint(send)) }, words.down);
        rating.append(make("span", { className: "fine" }, words.rate), up, down);
      }
      return make("div", { className: "reply" }, make("div", { className: "row" }, copy), rating);
    }

    #complaint(send) {
      const words = this.#words;
      const comment = make("textarea", { rows: 2, ariaLabel: words.wrong, placeholder: words.wrong, maxLength: 2000 });
      const submit = make("button", { type: "submit" }, words.submit);
      requestAnimationFrame(() => comment.focus());
      return make("form", { className: "row rate", onsubmit: (event) => (event.preventDefault(), send("down", comment.value)) }, comment, submit);
    }

    async #rate(exchange, verdict, place) {
      const { question, answer } = exchange;
      const body = { question: question.slice(0, 2000), answer: answer.answer.slice(0, 8000), conversation: this.#state.id, channel: "widget", ...verdict };
      const headers = { "Content-Type": "application/json", "Idempotency-Key": this.#state.id + this.#state.exchanges.indexOf(exchange) + verdict.verdict };
      let kept = false;
      try {
        kept = (await fetch(HOST + "api/v1/feedback", { method: "POST", headers, body: JSON.stringify(body), credentials: "omit" })).ok;
      } catch {} // told below
      exchange.rated = kept;
      this.#save();
      place.replaceChildren(kept ? this.#words.thanks : this.#words.error);
      place.tabIndex = -1;
      place.focus(); // the button that had the focus is gone
      this.#say(place.textContent);
    }

    async #copied(text) {
      try {
        await navigator.clipboard.writeText(text);
        return true;
      } catch {
        return false; // not allowed, or the page is not served over HTTPS
      }
    }

    #link(address, text) {
      return make("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, text, make("span", { className: "away" }, ` (${this.#words.tab})`));
    }

    #mail() {
      const contact = this.#option("contact", CONTACT);
      return make("a", { href: (contact.includes("@") ? "mailto:" : "https://") + contact.replace(/^(mailto:|https?:\/\/)/, "") }, contact);
    }

    #document({ source_id, start, end }) {
      return `${HOST}api/v1/sources/${encodeURIComponent(source_id)}?start=${start}&end=${end}#quote`;
    }

    /** The chat on a page of its own asks the same questions again: an answer is never taken from a link. */
    #fullChat() {
      const questions = this.#state.exchanges.map((one) => one.question).slice(-TURNS);
      const [last, all] = [questions.at(-1), JSON.stringify(questions)].map(encodeURIComponent);
      return questions.length ? `${HOST}?q=${last}#ask=${all}` : HOST;
    }

    #date(iso) {
      const [year, month, day] = iso.split("-").map(Number);
      if (!month) return iso;
      const form = { year: "numeric", month: "long", day: day ? "numeric" : undefined, timeZone: "UTC" };
      return new Intl.DateTimeFormat(this.language === "en" ? "en-GB" : this.language, form).format(Date.UTC(year, month - 1, day || 1));
    }

    // Opening, closing, keys.

    #show(open) {
      const bubble = this.getAttribute("mode") === "bubble";
      const { panel, launch, log } = this.#parts;
      panel.hidden = bubble && !open;
      launch.hidden = open;
      this.toggleAttribute("open", open);
      const sheet = bubble && matchMedia("(max-width: 480px)").matches;
      panel.setAttribute("aria-modal", String(sheet));
      if (open) log.scrollTop = log.scrollHeight;
      if (sheet && window.visualViewport) {
        // The sheet keeps above the keyboard of a phone.
        const fit = () => this.style.setProperty("--seen", visualViewport.height + "px");
        visualViewport.addEventListener("resize", fit);
        fit();
      }
      if (bubble) {
        this.#state.open = open;
        this.#save();
      }
    }

    #keys(event) {
      if (event.key === "Escape") this.close();
      if (event.key !== "Tab" || this.#parts.panel.getAttribute("aria-modal") !== "true") return;
      const all = [...this.#parts.panel.querySelectorAll("button, a, textarea, summary, [tabindex]")];
      const reachable = all.filter((one) => one.checkVisibility?.() ?? one.offsetParent);
      const [from, to] = event.shiftKey ? [reachable[0], reachable.at(-1)] : [reachable.at(-1), reachable[0]];
      if (this.shadowRoot.activeElement !== from) return;
      event.preventDefault();
      to.focus();
    }

    #submit() {
      if (this.#running || !this.#parts.box.value.trim()) return;
      const question = this.#parts.box.value;
      this.#parts.box.value = "";
      this.ask(question);
    }

    #stop() {
      this.#running?.abort();
      this.#parts.box.focus();
    }

    #fresh() {
      this.#stop();
      this.#state.exchanges = [];
      this.#state.id = crypto.randomUUID?.() ?? String(Math.random()).slice(2);
      this.#save();
      this.#redraw();
      this.#parts.box.focus();
    }

    #busy(running) {
      this.#running = running;
      this.#parts.send.hidden = Boolean(running);
      this.#parts.stop.hidden = !running;
    }

    #say(text) {
      this.#parts.news.textContent = text;
    }

    #save() {
      storage.write(this.#state);
    }

    #tell(name, detail = {}) {
      this.dispatchEvent(new CustomEvent("uccn-" + name, { detail, bubbles: true, composed: true }));
    }

    // Asking.

    async #answer(exchange) {
      const running = new AbortController();
      const words = this.#words;
      delete exchange.failure;
      this.#busy(running);
      this.#redraw();
      const { log } = this.#parts;
      const place = log.lastElementChild.lastElementChild;
      const wait = make("p", { className: "soft wait" }, words.searching);
      place.replaceChildren(wait);
      log.scrollTop = log.scrollHeight;
      this.#say(words.searching);
      this.#tell("ask", { question: exchange.question });
      let text = "";
      try {
        for await (const { name, data } of this.#events(exchange, running.signal)) {
          if (name === "delta") {
            text += data.text;
            place.replaceChildren(make("div", { className: "said", dir: "auto" }, ...rendered(text, () => null)), wait);
          } else if (name === "instant" || name === "answer") exchange.answer = data;
          if (name === "instant") this.#reply(place, exchange);
          if (name === "error") throw new Error(data.error.message);
        }
        if (!exchange.answer) throw new Error(words.broke);
        delete exchange.broken;
        this.#say(exchange.answer.answer.replace(/\*\*|\\|\[\d+\]/g, ""));
        this.#tell("answer", { answer: exchange.answer });
      } catch (error) {
        exchange.failure = running.signal.aborted ? words.stopped : error.name === "TypeError" ? words.broke : error.message;
        if (exchange.answer) delete exchange.failure; // an instant answer stays
        else this.#say(exchange.failure);
        this.#tell("error", { message: exchange.failure ?? "" });
      }
      this.#busy(null);
      this.#save();
      this.#reply(place, exchange);
      log.scrollTop = place.parentNode.offsetTop - log.offsetTop - 8;
    }

    async *#events(exchange, signal) {
      const before = this.#state.exchanges.filter((one) => one !== exchange && one.answer).slice(-TURNS);
      const history = before.flatMap(({ question, answer }) => [
        { role: "user", content: question },
        { role: "assistant", content: answer.answer.slice(0, 3000) },
      ]);
      const body = JSON.stringify({ question: exchange.question, history, conversation: this.#state.id, channel: "widget" });
      const headers = { "Content-Type": "application/json" };
      let response;
      try {
        response = await fetch(HOST + "api/v1/ask/stream", { method: "POST", headers, body, signal, credentials: "omit" });
      } catch (error) {
        if (error.name === "AbortError") throw error;
        throw new Error(await this.#unreached());
      }
      if (!response.ok) throw new Error(await this.#refusal(response));
      const reader = response.body.getReader();
      const decoder = new TextDecoder();
      let held = "";
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return;
        held += decoder.decode(value, { stream: true });
        const events = held.split(/\r?\n\r?\n/);
        held = events.pop();
        for (const event of events) {
          const name = /^event: ?(.*)$/m.exec(event)?.[1];
          const data = /^data: ?(.*)$/m.exec(event)?.[1];
          if (name && data) yield { name, data: JSON.parse(data) };
        }
      }
    }

    /** A refused website and a server that is away look the same to a page; the script's own file may always be read. */
    async #unreached() {
      try {
        await fetch(HOST + "widget.js", { method: "HEAD", cache: "no-store", credentials: "omit" });
        return this.#words.refused;
      } catch {
        return this.#words.unreached;
      }
    }

    async #refusal(response) {
      const words = this.#words;
      const wait = response.headers.get("Retry-After");
      if (wait) return words.busy.replace("{n}", wait);
      if (response.status === 403) return words.refused;
      try {
        return (await response.json()).error.message;
      } catch {
        return words.broke;
      }
    }
  }

  customElements.define(TAG, Assistant);

  // A page that has no element of its own gets one: at the end of the page, or where the script stands.
  const start = () => {
    if (document.querySelector(TAG)) return;
    const element = document.createElement(TAG);
    for (const name of OPTIONS) if (SCRIPT.dataset[name]) element.setAttribute(name, SCRIPT.dataset[name]);
    if (SCRIPT.dataset.mode === "inline" && SCRIPT.isConnected) SCRIPT.after(element);
    else document.body.append(element);
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
