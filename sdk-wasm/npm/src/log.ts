// What a client writes down: types, sizes, codes, never bodies, names or tokens.

import type { Log } from "./types.js";

/** What the core is to tell, and who is told. */
export interface Logger {
  level: "error" | "info" | "debug";
  write(level: string, text: string): void;
}

const LEVELS = ["error", "info", "debug"];

export function logger(log: Log | undefined, clientId: string): Logger {
  if (typeof log === "function") {
    return { level: "debug", write: (level, text) => log({ level, text, facts: { clientId } }) };
  }
  const wanted = wantsDebug() ? "debug" : (log ?? "error");
  return {
    level: wanted,
    write: (level, text) => {
      if (LEVELS.indexOf(level) > LEVELS.indexOf(wanted)) return;
      const out = level === "error" ? console.error : level === "info" ? console.info : console.debug;
      out(`carewire ${text}`);
    },
  };
}

function wantsDebug(): boolean {
  try {
    return globalThis.localStorage?.getItem("carewire:debug") != null;
  } catch {
    // A page without the right to a storage.
    return false;
  }
}
