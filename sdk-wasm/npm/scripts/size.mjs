// What a page downloads, compressed by brotli, and whether that keeps to the budget.

import { readFileSync } from "node:fs";
import { brotliCompressSync } from "node:zlib";

const dist = new URL("../dist/", import.meta.url);
const KIB = 1000;
/** What is reached and must not be lost. The client may never have more than 60. */
const BUDGETS = { client: 58 * KIB, script: 13.3 * KIB, react: 8 * KIB };

const read = (name) => readFileSync(new URL(name, dist));
const size = (name) => brotliCompressSync(read(name)).length;
const named = (name, pattern) => [...read(name).toString().matchAll(pattern)].map(([, path]) => path);

/** A file and everything that it imports before anything runs. */
function withImports(name, seen = new Set()) {
  if (seen.has(name)) return seen;
  seen.add(name);
  for (const path of named(name, /(?:from|import)\s*"\.\/([^"]+\.js)"/g)) withImports(path, seen);
  return seen;
}

const client = withImports("core-url.js", withImports("index.js")).add("carewire.wasm");
const beyond = (name) => [...withImports(name)].filter((other) => !client.has(other));
const react = beyond("react.js");
// The core as text is for where the file cannot be fetched, and no page loads both.
const later = [...client]
  .filter((name) => name.endsWith(".js"))
  .flatMap((name) => named(name, /import\("\.\/([^"]+\.js)"\)/g))
  .filter((name) => name !== "core-inline.js");

let isOver = false;
function print(title, names, budget) {
  const total = names.reduce((sum, name) => sum + size(name), 0);
  isOver ||= budget !== undefined && total > budget;
  console.log(`${title}: ${(total / KIB).toFixed(1)} KB brotli${budget ? ` of ${budget / KIB}` : ""}`);
  for (const name of names) console.log(`  ${(size(name) / KIB).toFixed(1).padStart(6)}  ${name}`);
}
print("client", [...client], BUDGETS.client);
const script = [...client].filter((name) => name.endsWith(".js"));
print("its JavaScript", script, BUDGETS.script);
print("carewire/react", react, BUDGETS.react);
const parts = new Set(later);
for (const name of parts) print(`with the first of ${name.replace(".js", "")}`, beyond(name));
print("everything, with React and all parts", [
  ...new Set([...client, ...react, ...[...parts].flatMap(beyond)]),
]);
if (isOver) {
  console.error("Over the budget");
  process.exit(1);
}
