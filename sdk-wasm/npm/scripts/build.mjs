// Builds the package into `dist`, from `src` and from the core that `cargo xtask npm` put into `core`.

import { build } from "esbuild";
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";

process.chdir(new URL("..", import.meta.url).pathname);
const wasm = "core/carewire_core_bg.wasm";
if (!existsSync(wasm)) {
  console.error("There is no core. Build it with: cargo xtask npm");
  process.exit(1);
}

rmSync("dist", { recursive: true, force: true });

/** The bytes of the core as a module of text. */
const inline = {
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
    esbuild.onResolve({ filter: /^#core$/ }, ({ path }) => ({ path, external: true }));
  },
};

await build({
  entryPoints: {
    index: "src/index.ts",
    react: "src/react/index.ts",
    testing: "src/testing/index.ts",
    "core-url": "src/core/core-url.ts",
    "core-inline": "src/core/core-inline.ts",
    "core-node": "src/core/core-node.ts",
  },
  outdir: "dist",
  chunkNames: "chunk-[name]-[hash]",
  bundle: true,
  splitting: true,
  format: "esm",
  target: "es2022",
  platform: "neutral",
  minify: true,
  sourcemap: true,
  sourcesContent: false,
  legalComments: "none",
  external: ["react", "react/jsx-runtime", "ws"],
  // The glue takes these from us and not from the page: see src/core/runtime.ts.
  inject: ["src/core/runtime.ts"],
  jsx: "automatic",
  plugins: [inline, apart],
  logLevel: "warning",
});

// Next.js must know that this part runs in the browser. Bundling drops such words.
writeFileSync("dist/react.js", `"use client";\n${readFileSync("dist/react.js", "utf8")}`);

cpSync(wasm, "dist/carewire.wasm");
execFileSync("npx", ["tsc", "--project", "tsconfig.json"], { stdio: "inherit" });
