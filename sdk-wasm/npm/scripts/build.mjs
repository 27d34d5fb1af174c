// Builds the package into `dist`, from `src` and from the core that `cargo xtask npm` put into `core`.

import { build } from "esbuild";
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { minify } from "terser";
import { shorten } from "./shorten.mjs";

process.chdir(new URL("..", import.meta.url).pathname);
if (!existsSync("core/carewire_core_bg.wasm")) {
  console.error("There is no core. Build it with: cargo xtask npm");
  process.exit(1);
}
const { wasm, glue } = shorten();

rmSync("dist", { recursive: true, force: true });

/** The bytes of the core as a module of text. */
const bytes = {
  name: "carewire-wasm",
  setup(esbuild) {
    esbuild.onResolve({ filter: /^carewire:wasm$/ }, () => ({ path: wasm, namespace: "wasm" }));
    esbuild.onLoad({ filter: /.*/, namespace: "wasm" }, () => ({
      contents: `export default ${JSON.stringify(readFileSync(wasm, "base64"))}`,
    }));
  },
};

/** Files that stand for themselves: who uses the package decides which of them are loaded. */
const apart = {
  name: "carewire-apart",
  setup(esbuild) {
    const filter = /^(#core|\.\/core-inline\.js)$/;
    esbuild.onResolve({ filter }, ({ path }) => ({ path, external: true }));
    esbuild.onLoad({ filter: /carewire_core\.js$/ }, () => ({ contents: glue }));
  },
};

const common = {
  outdir: "dist",
  bundle: true,
  format: "esm",
  target: "es2022",
  platform: "neutral",
  minify: true,
  legalComments: "none",
  logLevel: "warning",
};

await build({
  ...common,
  entryPoints: {
    index: "src/index.ts",
    react: "src/react/index.ts",
    testing: "src/testing/index.ts",
    "core-url": "src/core/core-url.ts",
    "core-node": "src/core/core-node.ts",
  },
  chunkNames: "chunk-[hash]",
  splitting: true,
  sourcemap: true,
  external: ["react", "react/jsx-runtime", "ws"],
  // The glue takes these from us and not from the page: see src/core/runtime.ts.
  inject: ["src/core/runtime.ts"],
  jsx: "automatic",
  plugins: [apart],
});
await build({ ...common, entryPoints: { "core-inline": "src/core/core-inline.ts" }, plugins: [bytes] });

// Terser finds 4 % that esbuild leaves.
for (const name of readdirSync("dist").filter((name) => name.endsWith(".js") && name !== "core-inline.js")) {
  const [path, map] = [`dist/${name}`, `dist/${name}.map`];
  const { code, map: mapped } = await minify(readFileSync(path, "utf8"), {
    module: true,
    ecma: 2022,
    compress: { passes: 3 },
    sourceMap: { content: readFileSync(map, "utf8"), url: `${name}.map` },
  });
  writeFileSync(path, code);
  writeFileSync(map, mapped);
}

// Next.js must know that this part runs in the browser. Bundling drops such words.
writeFileSync("dist/react.js", `"use client";${readFileSync("dist/react.js", "utf8")}`);

cpSync(wasm, "dist/carewire.wasm");
execFileSync("npx", ["tsc", "--project", "tsconfig.json"], { stdio: "inherit" });
