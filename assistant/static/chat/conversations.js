// Conversations, kept in this browser alone: one entry of its storage each, the oldest given up where it is full.

const PREFIX = "uccn.conversation.";
const MOST = 60;
const TITLE = 60;

const memory = new Map(); // where the browser keeps nothing, the page still remembers until it is left

export let kept = true; // whether the browser keeps what is saved

function all() {
  const found = new Map(memory);
  try {
    for (let i = 0; i < localStorage.length; i += 1) {
      const key = localStorage.key(i);
      if (!key.startsWith(PREFIX)) continue;
      try {
        const one = JSON.parse(localStorage.getItem(key));
        if (Array.isArray(one.exchanges)) found.set(one.id, one);
      } catch {} // not of this page's making, or cut off: it is not shown
    }
  } catch {
    kept = false;
  }
  return found;
}

// The newest first.
export function list() {
  return [...all().values()].sort((a, b) => b.updated - a.updated);
}

export function get(id) {
  return all().get(id);
}

export function begin() {
  const id = [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return { id, title: "", named: false, created: Date.now(), updated: Date.now(), exchanges: [] };
}

export function titled(question) {
  const line = question.trim().replace(/\s+/g, " ");
  return line.length > TITLE ? `${line.slice(0, TITLE).replace(/\s\S*$/, "")}…` : line;
}

export function save(conversation) {
  const text = JSON.stringify(conversation);
  for (const old of list().filter((one) => one.id !== conversation.id).slice(MOST - 1)) remove(old.id);
  for (;;) {
    try {
      localStorage.setItem(PREFIX + conversation.id, text);
      memory.delete(conversation.id);
      kept = true;
      return;
    } catch {
      const others = list().filter((one) => one.id !== conversation.id && !memory.has(one.id));
      if (!others.length) break;
      remove(others[others.length - 1].id);
    }
  }
  kept = false;
  memory.set(conversation.id, conversation);
}

export function remove(id) {
  memory.delete(id);
  try {
    localStorage.removeItem(PREFIX + id);
  } catch {}
}

export function onChange(listener) {
  window.addEventListener("storage", (event) => {
    if (event.key === null || event.key.startsWith(PREFIX)) listener();
  });
}
