// Ticks of the checklist, kept in this browser alone, and handed to the exports as a list of done tasks.
const KEY = "uccn.path";
const boxes = [...document.querySelectorAll("input[data-task]")];
const progress = document.getElementById("progress");
const bar = document.getElementById("bar");
const clear = document.getElementById("clear");
const print = document.getElementById("print");

function kept() {
  try {
    const done = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return new Set(Array.isArray(done) ? done : []);
  } catch {
    return new Set();
  }
}

function show() {
  const done = boxes.filter((box) => box.checked).map((box) => box.dataset.task);
  progress.textContent = progress.dataset.words.replace("{done}", done.length).replace("{all}", boxes.length);
  bar.value = done.length;
  clear.hidden = !done.length;
  for (const link of document.querySelectorAll("a[data-export]")) {
    const address = new URL(link.href);
    address.searchParams.set("done", done.join(","));
    link.href = address.href;
  }
}

function keep() {
  try {
    localStorage.setItem(KEY, JSON.stringify(boxes.filter((box) => box.checked).map((box) => box.dataset.task)));
  } catch {}
  show();
}

const done = kept();
for (const box of boxes) {
  box.checked = done.has(box.dataset.task);
  box.addEventListener("change", keep);
}
clear.addEventListener("click", () => {
  for (const box of boxes) box.checked = false;
  keep();
  boxes[0]?.focus();
});
print.addEventListener("click", () => window.print());
window.addEventListener("beforeprint", () => {
  for (const folded of document.querySelectorAll("main details")) folded.open = true;
});
for (const part of document.querySelectorAll("[data-scripted]")) part.hidden = false;
show();
