import { useEffect, useState } from "react";
import { Icon } from "../ui/Icon";

const dark = matchMedia("(prefers-color-scheme: dark)");

/** Light or dark: what the system says until somebody presses it. */
export function ThemeSwitch() {
  const [theme, setTheme] = useState<"light" | "dark">();
  useEffect(() => {
    if (theme) document.documentElement.dataset["theme"] = theme;
  }, [theme]);
  const other = (theme ?? (dark.matches ? "dark" : "light")) === "dark" ? "light" : "dark";
  return (
    <button className="quiet" onClick={() => setTheme(other)} aria-label={`Switch to ${other} colours`}>
      <Icon name="sun" />
    </button>
  );
}
