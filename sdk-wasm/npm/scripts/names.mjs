// Names of the package's own that nobody outside it sees: the build gives them a letter or two.

import { readFileSync } from "node:fs";

const OWN = [
  ..."alive ask begin changed draft emitter engine fail feed finish first fns handle hold input".split(" "),
  ..."isActive isLive isReady isRefreshable joined keep linger loaded me ofRoom onOutgoing".split(" "),
  ..."outgoing owner reconnect requests sends settle shared shut stores told touch view wakes".split(" "),
  ..."withdraw write".split(" "),
];

/** A pattern of them all. */
export const ownNames = new RegExp(`^(${OWN.join("|")})$`);

/** Where applications, React, the server and the core find what they call by name. */
const FOREIGN = [
  ..."client errors protocol types views core/boundary".split(" "),
  ..."react/connection react/context react/hooks react/live react/provider react/video".split(" "),
  "testing/server",
];

/** What may stand before the name of a member. */
const MARKS = "abstract|async|declare|export|function|get|override|readonly|set|static";

/** Fails where one of them is a name that others use, too: in the declarations, and in the glue. */
export function checkOwnNames() {
  const paths = [...FOREIGN.map((name) => `dist/types/${name}.d.ts`), "core/carewire_core.js"];
  for (const path of paths) {
    const text = readFileSync(path, "utf8").replaceAll(/\/\*[^]*?\*\/|\/\/.*/g, "");
    const uses = OWN.filter((name) =>
      new RegExp(`(^|[{;,|&]) *((${MARKS}) +)*${name}\\??[:(<]`, "m").test(text),
    );
    if (uses.length) throw new Error(`${path} has ${uses.join(", ")}, which the build renames`);
  }
}
