// The words of the page in one language, and dates, ages and numbers as they are written there.

export const LANGUAGES = {
  en: "English", fr: "Français", es: "Español", pt: "Português", zh: "中文", ar: "العربية", ru: "Русский",
};
const RIGHT_TO_LEFT = ["ar"];
const KEY = "uccn.language";
const DAY = 86_400_000;

const LOCALES = { en: "en-GB", ar: "ar-u-nu-latn" }; // dates and digits as the answers write them

let words = {};
let language = "en";

export function directionOf(code) {
  return RIGHT_TO_LEFT.includes(code) ? "rtl" : "ltr";
}

export function current() {
  return language;
}

// The language chosen on this page before, else the first of the browser's that there is.
export function preferred() {
  let kept = null;
  try {
    kept = localStorage.getItem(KEY);
  } catch {}
  const wanted = [kept, ...(navigator.languages || [])].filter(Boolean).map((code) => code.slice(0, 2).toLowerCase());
  return wanted.find((code) => code in LANGUAGES) || "en";
}

export function keepLanguage(code) {
  try {
    localStorage.setItem(KEY, code);
  } catch {}
}

export async function load(code) {
  const response = await fetch(`page/words/${code}.json`);
  if (!response.ok) throw new Error(`no words for ${code}`);
  words = await response.json();
  language = code;
}

// t("sources", { count: 3 })
export function t(key, values = {}) {
  const text = words[key];
  if (text === undefined) throw new Error(`no words for ${key}`);
  return Array.isArray(text) ? text : text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

function locale() {
  return LOCALES[language] || language;
}

export function number(value) {
  return new Intl.NumberFormat(locale()).format(value);
}

// 2023-11-03, 2023-11 and 2023 as they are written; anything else as it stands.
export function day(iso, style = "long") {
  const found = /^(\d{4})(?:-(\d\d))?(?:-(\d\d))?$/.exec(iso);
  if (!found) return iso;
  if (!found[2]) return found[1];
  const date = new Date(Date.UTC(found[1], found[2] - 1, found[3] || 1));
  const parts = { year: "numeric", month: style, timeZone: "UTC" };
  if (found[3]) parts.day = "numeric";
  return new Intl.DateTimeFormat(locale(), { ...parts, calendar: "gregory" }).format(date);
}

// How long ago a date lies: "3 years ago".
export function age(iso, now = Date.now()) {
  const found = /^(\d{4})(?:-(\d\d))?(?:-(\d\d))?$/.exec(iso);
  if (!found) return "";
  const days = Math.round((Date.UTC(found[1], (found[2] || 7) - 1, found[3] || 1) - now) / DAY);
  const format = new Intl.RelativeTimeFormat(locale(), { numeric: "always" });
  if (Math.abs(days) < 45) return found[3] ? format.format(days, "day") : "";
  if (Math.abs(days) < 700) return found[2] ? format.format(Math.round(days / 30.44), "month") : "";
  return format.format(Math.round(days / 365.25), "year");
}
