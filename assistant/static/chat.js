// Runs once in the conversation's element: markers open their source, a new question scrolls to the top.
element.setAttribute("role", "log");
element.setAttribute("aria-live", "polite");
element.setAttribute("aria-label", "Conversation");

element.addEventListener("click", (event) => {
  const marker = event.target.closest("a.marker");
  if (!marker) return;
  event.preventDefault(); // the page's <base> would make `#source-1-1` a reload
  const card = document.getElementById(marker.hash.slice(1));
  const folded = card.closest("details");
  if (folded) folded.open = true;
  card.scrollIntoView({ block: "nearest" });
  card.focus({ preventScroll: true });
});

let shown = 0;
watch("value", () => {
  const exchanges = element.querySelectorAll(".exchange");
  if (exchanges.length > Math.max(shown, 1)) exchanges[exchanges.length - 1].scrollIntoView({ block: "start" });
  shown = exchanges.length;
  element.setAttribute("aria-busy", element.querySelector('[aria-busy="true"]') ? "true" : "false");
});
