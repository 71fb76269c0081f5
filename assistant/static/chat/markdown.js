// The Markdown of an answer as elements: paragraphs, lists, tables, quotes, bold, italic, code, and its markers.

import { h } from "./dom.js";

const INLINE = /\\([!-/:-@[-`{-~])|(“[^“”]*”)|\*\*(.+?)\*\*|`([^`]+)`|(?<![\w*])\*([^*\s][^*]*?)\*(?![\w*])|(\s?)\[(\d{1,3})\]|(\n)/gs;
const ITEM = /^\s*(?:[-*+]|(\d{1,3})[.)])\s+(.*)$/;
const RULE = /^\s*\|?[\s:|-]+\|?\s*$/;

// `marker(n)` returns the button of a citation, or null where there is none.
export function render(text, marker) {
  const blocks = [];
  const lines = text.split("\n");
  for (let i = 0; i < lines.length; ) {
    const line = lines[i];
    const from = i;
    const run = (test) => {
      while (i < lines.length && test(lines[i])) i += 1;
      return lines.slice(from, i);
    };
    if (!line.trim()) {
      i += 1;
    } else if (ITEM.test(line)) {
      const items = run((one) => ITEM.test(one) || (i > from && /^\s+\S/.test(one)));
      blocks.push(list(items, marker));
    } else if (line.trimStart().startsWith("|")) {
      blocks.push(table(run((one) => one.trimStart().startsWith("|")), marker));
    } else if (line.startsWith(">")) {
      const said = run((one) => one.startsWith(">")).map((one) => one.replace(/^>\s?/, ""));
      blocks.push(h("blockquote", {}, render(said.join("\n"), marker)));
    } else {
      const said = run((one) => one.trim() && !ITEM.test(one) && !/^\s*[|>]/.test(one));
      blocks.push(h("p", {}, inline(said.join("\n").replace(/^#{1,6}\s+/, ""), marker)));
    }
  }
  return blocks;
}

function list(lines, marker) {
  const ordered = ITEM.exec(lines[0])[1];
  const items = [];
  for (const line of lines) {
    const found = ITEM.exec(line);
    if (found) items.push(found[2]);
    else items[items.length - 1] += `\n${line.trim()}`;
  }
  return h(ordered ? "ol" : "ul", ordered ? { start: ordered } : {}, items.map((item) => h("li", {}, inline(item, marker))));
}

function table(lines, marker) {
  const rows = lines.filter((line) => !RULE.test(line)).map((line) => line.trim().replace(/^\||\|$/g, "").split("|"));
  if (!rows.length) return ""; // only the first stroke has come so far
  const [head, ...body] = rows;
  const cells = (row, tag) => row.map((cell) => h(tag, tag === "th" ? { scope: "col" } : {}, inline(cell.trim(), marker)));
  return h("div.scroll", { tabindex: "0", role: "region", "aria-label": head.join(", ").trim() },
    h("table", {}, h("thead", {}, h("tr", {}, cells(head, "th"))),
      h("tbody", {}, body.map((row) => h("tr", {}, cells(row, "td"))))));
}

export function inline(text, marker) {
  const parts = [];
  let last = 0;
  for (const found of text.matchAll(INLINE)) {
    parts.push(text.slice(last, found.index));
    last = found.index + found[0].length;
    const [all, escaped, quoted, bold, code, italic, space, n, line] = found;
    if (escaped) parts.push(escaped);
    else if (quoted) parts.push(h("bdi", {}, "“", inline(quoted.slice(1, -1), marker), "”")); // runs in its own direction
    else if (bold) parts.push(h("strong", {}, inline(bold, marker)));
    else if (code) parts.push(h("code", {}, code));
    else if (italic) parts.push(h("em", {}, inline(italic, marker)));
    else if (line) parts.push(h("br"));
    else {
      const button = marker(Number(n));
      parts.push(...(button ? attached(parts.pop(), space, button) : [all]));
    }
  }
  parts.push(text.slice(last));
  return parts.filter((part) => part !== "");
}

// A marker on the line of the word before it, which a space that does not break would not do for a button.
function attached(before, space, button) {
  const gap = space ? "\u00a0" : "";
  if (typeof before !== "string") return [before ?? "", gap, button];
  const start = before.search(/\S{1,30}$/);
  if (start < 0) return [before, gap, button];
  return [before.slice(0, start), h("span.attached", {}, before.slice(start), gap, button)];
}

// The labels that a question back sets in bold: what a visitor may answer with.
export function choices(text) {
  return [...text.matchAll(/\*\*(.+?)\*\*/g)].map((found) => found[1]);
}

// Without markup, for the clipboard and for screen readers.
export function plain(text) {
  return text.replace(/\*\*(.+?)\*\*/g, "$1").replace(/\\([[\]*_`])/g, "$1");
}
