// Member cities to look at: a table that can be sorted and filtered, a map, and how many by year, field and region.

import { clear, download, h, icon, svg } from "./dom.js";
import { LAND } from "./land.js";
import { cities as everyCity } from "./stream.js";
import { current, number, t } from "./words.js";

const COLUMNS = ["city", "country", "region", "field", "year"];
const VIEWS = ["table", "map", "by_year", "by_field"];
const FIELD_ORDER = [
  "Architecture", "Crafts and Folk Art", "Design", "Film", "Gastronomy", "Literature", "Media Arts", "Music",
];
const FEW = 8; // rows that need no filters
const NAMED = 24; // dots of a map that carry a name
const MANY = 100; // dots of a map that are drawn small
const WORLD = [720, 280]; // units of the map, as land.js is drawn
const LEAST = 110;

const value = { city: (row) => row.name, country: (row) => row.country, region: (row) => row.region,
  field: (row) => row.field, year: (row) => row.year };

// Rows as one figure; `start` is the view shown first, '' for none before one is chosen.
export function view(rows, { start = "table", ask = null } = {}) {
  let shown = start;
  let sorted = { column: "city", up: true };
  const wanted = { text: "", field: "", region: "", country: "", year: "" };
  const body = h("div.view");
  const tally = h("p.tally", { role: "status" });
  const tabs = VIEWS.filter((name) => name !== "by_year" || new Set(rows.map((row) => row.year)).size > 1).map((name) =>
    h("button.chip", { type: "button", "aria-pressed": "false", "data-view": name, onclick: () => choose(name) },
      t(`view_${name}`)));
  const filters = rows.length > FEW && h("div.filters", { role: "group", "aria-label": t("filter") },
    h("label.search", {}, h("span", {}, t("filter_text")),
      h("input", { type: "search", autocomplete: "off", oninput: (event) => change("text", event.target.value) })),
    ["field", "region", "country", "year"].map(picker));

  function picker(column) {
    const options = [...new Set(rows.map(value[column]))].sort(compare);
    if (options.length < 2) return null;
    return h("label", {}, h("span", {}, t(column)),
      h("select", { onchange: (event) => change(column, event.target.value) },
        h("option", { value: "" }, t("all")), options.map((one) => h("option", { value: one }, String(one)))));
  }

  function change(name, text) {
    wanted[name] = text;
    draw();
  }

  function choose(name) {
    shown = name === shown && !start ? "" : name;
    draw();
  }

  function left() {
    const text = plain(wanted.text);
    return rows.filter((row) =>
      (!text || plain(`${row.name} ${row.country} ${row.field} ${row.year}`).includes(text)) &&
      ["field", "region", "country", "year"].every((name) => !wanted[name] || String(value[name](row)) === wanted[name]));
  }

  function draw() {
    const found = left();
    for (const tab of tabs) tab.setAttribute("aria-pressed", String(tab.dataset.view === shown));
    if (filters) filters.hidden = !shown;
    tally.textContent = shown ? t("count_cities", { count: number(found.length) }) : "";
    const drawn = {
      table: () => table(found, sorted, ask, (column) => {
        sorted = { column, up: sorted.column !== column || !sorted.up };
        draw();
        body.querySelector(`[data-column="${column}"]`).focus();
      }),
      map: () => map(found),
      by_year: () => byYear(found),
      by_field: () => byField(found),
    }[shown];
    clear(body, drawn ? drawn() : []);
  }

  draw();
  return h("figure.cities", { "aria-label": t("count_cities", { count: number(rows.length) }) },
    h("div.toolbar", { role: "group", "aria-label": t("views") }, tabs,
      h("button.chip.csv", { type: "button", onclick: () => download("uccn-cities.csv", "text/csv;charset=utf-8", csv(ordered(left(), sorted))) },
        icon("export"), t("csv"))),
    filters, tally, body);
}

function compare(a, b) {
  return typeof a === "number" ? a - b : String(a).localeCompare(String(b), current());
}

function plain(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().trim();
}

function ordered(rows, { column, up }) {
  const key = value[column];
  return [...rows].sort((a, b) => (up ? 1 : -1) * compare(key(a), key(b)) || compare(a.name, b.name));
}

function table(rows, sorted, ask, onSort) {
  const heads = COLUMNS.map((column) => {
    const now = sorted.column === column;
    return h("th", { scope: "col", "aria-sort": now ? (sorted.up ? "ascending" : "descending") : "none" },
      h("button.sort", { type: "button", "data-column": column, onclick: () => onSort(column) },
        t(column), h("span.arrow", { "aria-hidden": "true" }, now ? (sorted.up ? "▲" : "▼") : "↕")));
  });
  const lines = ordered(rows, sorted).map((row) => h("tr", {},
    h("th", { scope: "row", dir: "auto" },
      ask ? h("button.text", { type: "button", onclick: () => ask(row) }, row.name) : row.name),
    h("td", {}, row.country), h("td.region", {}, row.region),
    h("td.kept", {}, h("span.dot", { class: `dot ${fieldClass(row)}`, "aria-hidden": "true" }), row.field),
    h("td", {}, String(row.year))));
  return h("div.scroll", { tabindex: "0", role: "region", "aria-label": t("view_table") },
    h("table", {}, h("thead", {}, h("tr", {}, heads)), h("tbody", {}, lines)));
}

function csv(rows) {
  const safe = (text) => (/^[=+@\t\r-]/.test(text) ? `'${text}` : text); // a spreadsheet would run it as a formula
  const cell = (text) => (/[",\n]/.test(safe(text)) ? `"${safe(text).replaceAll('"', '""')}"` : safe(text));
  const lines = [COLUMNS.map((column) => t(column)), ...rows.map((row) => COLUMNS.map((column) => String(value[column](row))))];
  return `\ufeff${lines.map((line) => line.map(cell).join(",")).join("\r\n")}\r\n`;
}

function fieldClass(row) {
  return `field-${FIELD_ORDER.indexOf(row.field_key)}`;
}

// Dots on an outline of the land, drawn around the cities shown.
function map(rows) {
  const placed = rows.filter((row) => row.latitude !== null && row.longitude !== null)
    .map((row) => ({ row, x: (row.longitude + 180) * 2, y: (80 - row.latitude) * 2 }));
  const narrow = matchMedia("(max-width: 40rem)").matches;
  const box = frame(placed, narrow ? 0.62 : 0.42);
  const unit = box.width / (narrow ? 360 : 700); // of the map, about as long as a pixel
  const radius = (placed.length > MANY ? 3 : 4.5) * unit;
  const dots = placed.map(({ row, x, y }) =>
    svg("circle", { cx: x.toFixed(1), cy: y.toFixed(1), r: radius.toFixed(2), class: fieldClass(row) },
      svg("title", {}, `${row.name}, ${row.country}: ${row.field}, ${row.year}`)));
  const names = placed.length > NAMED ? [] : labels(placed, unit).map(({ name, x, y, anchor }) =>
    svg("text", { x: x.toFixed(1), y: y.toFixed(1), "text-anchor": anchor, "font-size": (13 * unit).toFixed(2) }, name));
  const used = FIELD_ORDER.map((key) => rows.find((row) => row.field_key === key)).filter(Boolean);
  return h("div.map", {},
    svg("svg", { viewBox: [box.x, box.y, box.width, box.height].map((one) => one.toFixed(1)).join(" "), role: "img", direction: "ltr",
      "aria-label": t("map_label", { count: number(placed.length) }) },
    svg("path", { class: "land", d: LAND }), dots, names),
    h("ul.legend", {}, used.map((row) => h("li", {},
      h("span.dot", { class: `dot ${fieldClass(row)}`, "aria-hidden": "true" }), row.field))));
}

// A name beside each dot where one of four places is free; the others have it in their title and in the table.
function labels(placed, unit) {
  const taken = placed.map(({ x, y }) => [x - 5 * unit, y - 5 * unit, x + 5 * unit, y + 5 * unit]);
  const found = [];
  placed.forEach(({ row, x, y }) => {
    const width = 7.4 * unit * row.name.length;
    const places = [
      { x: x + 8 * unit, y: y + 4.5 * unit, anchor: "start", left: x + 8 * unit },
      { x: x - 8 * unit, y: y + 4.5 * unit, anchor: "end", left: x - 8 * unit - width },
      { x, y: y - 8 * unit, anchor: "middle", left: x - width / 2 },
      { x, y: y + 17 * unit, anchor: "middle", left: x - width / 2 },
    ];
    for (const place of places) {
      const own = [place.left, place.y - 11 * unit, place.left + width, place.y + 3 * unit];
      if (taken.some((other) => own[0] < other[2] && other[0] < own[2] && own[1] < other[3] && other[1] < own[3])) continue;
      taken.push(own);
      found.push({ name: row.name, ...place });
      break;
    }
  });
  return found;
}

// The part of the world that holds the dots, at least LEAST units wide; `share` is its height against its width.
function frame(placed, share) {
  const whole = { x: 0, y: 0, width: WORLD[0], height: WORLD[1] };
  if (!placed.length) return whole;
  const xs = placed.map(({ x }) => x);
  const ys = placed.map(({ y }) => y);
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const width = Math.max(LEAST, (right - left) * 1.3, ((bottom - top) * 1.4) / share);
  if (width >= WORLD[0]) return whole;
  const height = Math.min(WORLD[1], width * share);
  const x = Math.max(0, Math.min(WORLD[0] - width, (left + right - width) / 2));
  const y = Math.max(0, Math.min(WORLD[1] - height, (top + bottom - height) / 2));
  return { x, y, width, height };
}

// Upright bars with their values: [{ label, value, title }], as a list so that each can be read out.
export function columns(items, label) {
  const most = Math.max(...items.map((item) => item.value));
  const list = h("ol.columns", { "aria-label": label, class: items.length > 9 ? "columns many" : "columns" },
    items.map((item) => {
      const bar = h("span.bar", { "aria-hidden": "true" });
      bar.style.blockSize = `${(100 * item.value) / most}%`;
      return h("li", { title: item.title }, h("span.value", {}, number(item.value)), h("span.track", {}, bar),
        h("span.label", {}, item.label));
    }));
  return list;
}

function byYear(rows) {
  if (!rows.length) return [];
  const counts = new Map();
  for (const row of rows) counts.set(row.year, (counts.get(row.year) || 0) + 1);
  const years = [...counts.keys()].sort((a, b) => a - b);
  const items = years.map((year) => ({ label: String(year), value: counts.get(year), title: `${year}: ${counts.get(year)}` }));
  return [h("p.caption", {}, t("by_year_caption")), columns(items, t("by_year_caption"))];
}

// Level bars, one a field, each parted by region.
function byField(rows) {
  const regions = [...new Map(rows.map((row) => [row.region_key, row.region])).entries()].sort();
  const fields = FIELD_ORDER.map((key) => rows.filter((row) => row.field_key === key)).filter((group) => group.length);
  const most = Math.max(...fields.map((group) => group.length));
  const bars = fields.map((group) => h("li", {},
    h("span.label", {}, group[0].field),
    h("span.stack", {}, regions.map(([key, name]) => {
      const count = group.filter((row) => row.region_key === key).length;
      if (!count) return null;
      const part = h("span.part", { class: `part ${regionClass(key)}`, title: `${group[0].field}, ${name}: ${count}` },
        h("span.hidden", {}, `${name}: `), count / most > 0.06 ? String(count) : h("span.hidden", {}, String(count)));
      part.style.inlineSize = `${(100 * count) / most}%`;
      return part;
    })),
    h("span.value", {}, number(group.length))));
  return [h("p.caption", {}, t("by_field_caption")),
    h("ol.bars", { "aria-label": t("by_field_caption") }, bars),
    h("ul.legend", {}, regions.map(([key, name]) => h("li", {},
      h("span.dot.square", { class: `dot square ${regionClass(key)}`, "aria-hidden": "true" }), name)))];
}

function regionClass(key) {
  return `region-${key.toLowerCase().split(" ")[0]}`;
}

// All member cities, in a dialog over the page.
export async function explore(ask) {
  const body = h("div", { "aria-busy": "true" }, h("p.progress", {}, t("loading")));
  const title = h("h2", { id: "explore-title", tabindex: "-1" }, t("explore_title"));
  const dialog = h("dialog.explore", { "aria-labelledby": "explore-title" },
    h("header", {}, title,
      h("button.icon-only.close", { type: "button", "aria-label": t("close"), onclick: () => dialog.close() }, icon("close"))),
    body);
  dialog.addEventListener("close", () => dialog.remove());
  document.getElementById("uccn").append(dialog);
  dialog.showModal();
  title.focus();
  try {
    const rows = await everyCity();
    clear(body, view(rows, { start: "map", ask: (row) => {
      dialog.close();
      ask(row);
    } }));
  } catch (error) {
    clear(body, h("p.note", { role: "alert" }, error.message));
  }
  body.removeAttribute("aria-busy");
}
