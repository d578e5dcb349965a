// Before the first paint: the colours that were chosen on an earlier visit. The page's program takes
// over from here, see src/bin/app/page/theme.rs.
try {
  const theme = localStorage.getItem("dino.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // A browser that keeps nothing gets its own colours.
}
