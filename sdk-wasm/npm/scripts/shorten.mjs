// Gives the names between the core and its glue one letter or two, as they are never read, and drops
// what of the glue is for nobody here.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const from = { wasm: "core/carewire_core_bg.wasm", glue: "core/carewire_core.js" };
const to = { wasm: "core/short.wasm", glue: "core/short.js" };

/** What rustc makes use of, and every browser of the last years has. */
const FEATURES = [
  "bulk-memory",
  "bulk-memory-opt",
  "multivalue",
  "mutable-globals",
  "nontrapping-float-to-int",
  "reference-types",
  "sign-ext",
];

/** The path of the core, and the text of its glue. */
export function shorten() {
  const changed = (path) => statSync(path).mtimeMs;
  const sources = Math.max(...[from.wasm, from.glue, fileURLToPath(import.meta.url)].map(changed));
  const isNew = Object.values(to).every((path) => existsSync(path) && changed(path) > sources);
  if (!isNew) {
    const features = FEATURES.map((feature) => `--enable-${feature}`);
    const options = [...features, "--minify-imports-and-exports-and-modules", from.wasm, "-o", to.wasm];
    const { imports, exports } = JSON.parse(
      execFileSync("npx", ["wasm-opt", ...options], { encoding: "utf8" }),
    );
    let glue = readFileSync(from.glue, "utf8");
    const replace = (pattern, text) => {
      const next = glue.replace(pattern, text);
      if (next === glue) throw new Error(`The glue has no ${pattern}`);
      glue = next;
    };
    // What it says of a value that is no text is for nobody: 1 KB.
    replace(/(function debugString\(val\) \{)[^]*?\n\}/, "$1 return String(val); }");
    // The package frees its clients itself, and gloo-net its closures.
    replace(/const \w+ = \(typeof FinalizationRegistry[^]*?;\n/g, "");
    replace(/\b(CoreFinalization|CLOSURE_DTORS)\.(un)?register\(.*?\);/g, "");
    replace(/if \(Symbol\.dispose\).*\n/, "");
    // The page encodes a text and it is copied, which is what the glue does where it has no `realloc`.
    replace(/, wasm\.__wbindgen_realloc/g, "");
    replace(/if \(realloc === undefined\)/, "");
    replace(/if \(!\('encodeInto' in cachedTextEncoder\)\) \{[^]*?\n\}\n/, "");
    // It is started in one way alone, with a module.
    replace(/if \(module !== undefined\) \{[^]*?\n    \}\n/, "");
    replace(/if \(!\(module instanceof WebAssembly\.Module\)\) \{[^]*?\n    \}\n/, "");
    // A trap ends in what src/core/runtime.ts puts around the exports.
    replace(/new WebAssembly\.Instance\(module, imports\)/, "instantiate(module, imports)");

    for (const [, name, short] of imports) replace(new RegExp(`\\b${name}:`), `${short}:`);
    for (const [name, short] of exports) {
      const pattern = new RegExp(`\\bwasm\\.${name}\\b`, "g");
      if (pattern.test(glue)) replace(pattern, `wasm.${short}`);
    }
    replace(/"\.\/carewire_core_bg\.js":/, `"a":`);
    writeFileSync(to.glue, glue);
  }
  return { wasm: to.wasm, glue: readFileSync(to.glue, "utf8") };
}
