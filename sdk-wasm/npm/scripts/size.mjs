// What a page downloads, compressed by brotli, and whether that keeps to the budget.

import { readdirSync, readFileSync } from "node:fs";
import { brotliCompressSync } from "node:zlib";

const dist = new URL("../dist/", import.meta.url);
const KIB = 1000;
/** What is reached and must not be lost. The goal for the client is 60. */
const BUDGETS = { client: 83 * KIB, script: 17.3 * KIB, react: 8 * KIB };

const size = (name) => brotliCompressSync(readFileSync(new URL(name, dist))).length;

/** A file and everything that it imports before anything runs. */
function withImports(name, seen = new Set()) {
  if (seen.has(name)) return seen;
  seen.add(name);
  const text = readFileSync(new URL(name, dist), "utf8");
  for (const [, path] of text.matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/g)) withImports(path, seen);
  return seen;
}

const client = withImports("index.js");
withImports("core-url.js", client).add("carewire.wasm");
const react = [...withImports("react.js")].filter((name) => !client.has(name));
const later = readdirSync(dist).filter(
  (name) => /^chunk-.*\.js$/.test(name) && !client.has(name) && !react.includes(name),
);

let isOver = false;
for (const [title, names, budget] of [
  ["client", [...client], BUDGETS.client],
  ["its JavaScript", [...client].filter((name) => name.endsWith(".js")), BUDGETS.script],
  ["carewire/react", react, BUDGETS.react],
  ["with the first call", later, undefined],
]) {
  const total = names.reduce((sum, name) => sum + size(name), 0);
  isOver ||= budget !== undefined && total > budget;
  console.log(`${title}: ${(total / KIB).toFixed(1)} KB brotli${budget ? ` of ${budget / KIB}` : ""}`);
  for (const name of names) console.log(`  ${(size(name) / KIB).toFixed(1).padStart(6)}  ${name}`);
}
if (isOver) {
  console.error("Over the budget");
  process.exit(1);
}
