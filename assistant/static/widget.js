/* STRINGS */ {}
