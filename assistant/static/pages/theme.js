// The theme that was chosen in the chat holds here too; set before the page is drawn, so that nothing flashes.
try {
  const theme = localStorage.getItem("uccn.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {}
