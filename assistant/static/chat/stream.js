// What the page asks of its server: answers as they come, exhibits, ratings, files.

import { current, t } from "./words.js";

const MOST_TURNS = 12;
const LONGEST_TURN = 3000; // characters
const LONGEST_RATED = 8000;

// Why there is no answer, in a sentence for the visitor.
export class Failure extends Error {}

async function post(path, body, options = {}) {
  let response;
  try {
    response = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
      ...options,
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Failure(t("offline"));
  }
  if (response.ok) return response;
  throw new Failure(await sentence(response));
}

async function sentence(response) {
  const wait = Number(response.headers.get("Retry-After"));
  if (wait) return t("busy_seconds", { seconds: wait });
  if (response.status === 429) return t("busy");
  let message = "";
  try {
    message = (await response.json()).error.message;
  } catch {}
  return said(response.status, message);
}

// What a visitor is told of an error: what the server says of their question; of its own troubles, that there are some.
export function said(status, message) {
  return (status < 500 && message) || t("broken");
}

// What was said so far, as the API takes it.
export function history(exchanges) {
  const turns = [];
  for (const { question, answer } of exchanges) {
    if (!answer) continue;
    turns.push({ role: "user", content: question.slice(0, LONGEST_TURN) });
    turns.push({ role: "assistant", content: answer.answer.slice(0, LONGEST_TURN) });
  }
  return turns.slice(-MOST_TURNS);
}

// Yields { name, data } for each event of an answer; throws Failure where none comes.
export async function* ask(question, exchanges, conversation, signal) {
  const body = { question, history: history(exchanges), conversation, channel: "chat" };
  const response = await post("api/v1/ask/stream", body, { signal });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let held = "";
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) break;
      held += value.replaceAll("\r\n", "\n");
      let end;
      while ((end = held.indexOf("\n\n")) >= 0) {
        const event = parsed(held.slice(0, end));
        held = held.slice(end + 2);
        if (event) yield event;
      }
    }
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Failure(t("offline"));
  }
}

function parsed(text) {
  let name = "message";
  const data = [];
  for (const line of text.split("\n")) {
    if (line.startsWith("event:")) name = line.slice(6).trim();
    else if (line.startsWith("data:")) data.push(line.slice(5).replace(/^ /, ""));
  }
  return data.length ? { name, data: JSON.parse(data.join("\n")) } : null; // a comment keeps the line open
}

// What belongs beside an answer: rows of cities, the line of change, questions that may come next.
export async function exhibit(answer, asked) {
  const citations = answer.citations.slice(0, 500).map(({ source_id, start, end }) => ({ source_id, start, end }));
  const response = await post("page/exhibit", {
    question: answer.question,
    citations,
    asked: asked.slice(-100),
    language: current(),
    answered: answer.status === "answered",
  });
  return response.json();
}

export async function cities() {
  const response = await fetch(`page/cities?language=${current()}`);
  if (!response.ok) throw new Failure(t("broken"));
  return response.json();
}

export async function rate(rating) {
  await post("api/v1/feedback", { ...rating, answer: rating.answer.slice(0, LONGEST_RATED) });
}

// The page of a document with the quoted words marked, as the server draws it.
export async function document_(citation) {
  const address = documentAddress(citation);
  const response = await fetch(address, { headers: { Accept: "text/html" } });
  if (!response.ok) throw new Failure(t("broken"));
  return new DOMParser().parseFromString(await response.text(), "text/html");
}

export function documentAddress({ source_id, start, end }) {
  return `api/v1/sources/${encodeURIComponent(source_id)}?start=${start}&end=${end}#quote`;
}

// The address of an answer, relative to the page's own.
export async function permalink(answer) {
  return (await (await post("permalink", { answer })).json()).url;
}

// A file of a conversation, made by the server.
export async function exported(format, title, exchanges) {
  const body = { title, language: current(), exchanges: exchanges.map(({ question, answer }) => ({ question, answer })) };
  const response = await post(`export/${format}`, body);
  const named = /filename\*?=(?:UTF-8'')?"?([^";]+)/i.exec(response.headers.get("Content-Disposition") || "");
  return { name: named ? decodeURIComponent(named[1]) : `uccn.${format}`, blob: await response.blob() };
}
