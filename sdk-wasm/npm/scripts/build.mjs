// Builds the package into `dist`, from `src` and from the core that `cargo xtask npm` put into `core`.

import { build } from "esbuild";
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { minify } from "terser";
import { checkOwnNames, ownNames } from "./names.mjs";
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

/**
 * All that a page loads at once becomes one file, whatever part of it an entry makes use of: two
 * small ones are larger than one.
 */
const together = {
  name: "carewire-together",
  setup(esbuild) {
    const main = resolve("src/index.ts");
    esbuild.onResolve({ filter: /^(\.|src\/)/ }, async ({ path, pluginData, ...from }) => {
      if (pluginData === together) return undefined;
      const { resolveDir, importer, kind } = from;
      const found = await esbuild.resolve(path, { resolveDir, importer, kind, pluginData: together });
      const isEntry = kind !== "import-statement" && !/core-url/.test(path);
      return { ...found, sideEffects: true, pluginData: isEntry ? "entry" : undefined };
    });
    esbuild.onLoad({ filter: /\.ts$/ }, ({ path, pluginData }) => {
      if (pluginData !== "entry" || path === main) return undefined;
      const contents = `${readFileSync(path, "utf8")}\nimport ${JSON.stringify(main)};`;
      return { contents, loader: "ts", resolveDir: dirname(path) };
    });
  },
};

const common = {
  outdir: "dist",
  bundle: true,
  format: "esm",
  target: "es2022",
  platform: "neutral",
  minifySyntax: true,
  minifyIdentifiers: true,
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
  chunkNames: "[name]",
  mangleProps: ownNames,
  splitting: true,
  sourcemap: true,
  external: ["react", "react/jsx-runtime", "ws"],
  // The glue takes these from us and not from the page: see src/core/runtime.ts.
  inject: ["src/core/runtime.ts"],
  jsx: "automatic",
  plugins: [apart, together],
});
await build({
  ...common,
  minify: true,
  entryPoints: { "core-inline": "src/core/core-inline.ts" },
  plugins: [bytes],
});

// Terser takes the blanks out, and 4 % more than esbuild would.
for (const name of readdirSync("dist").filter((name) => name.endsWith(".js") && name !== "core-inline.js")) {
  const [path, map] = [`dist/${name}`, `dist/${name}.map`];
  const { code, map: mapped } = await minify(readFileSync(path, "utf8"), {
    module: true,
    ecma: 2022,
    compress: { passes: 3 },
    // Bundlers read these: to leave an address alone that is known when it runs.
    format: { comments: /webpackIgnore|@vite-ignore/ },
    sourceMap: { content: readFileSync(map, "utf8"), url: `${name}.map` },
  });
  writeFileSync(path, code);
  writeFileSync(map, mapped);
}

// Next.js must know that this part runs in the browser. Bundling drops such words.
writeFileSync("dist/react.js", `"use client";${readFileSync("dist/react.js", "utf8")}`);

cpSync(wasm, "dist/carewire.wasm");
execFileSync("npx", ["tsc", "--project", "tsconfig.json"], { stdio: "inherit" });
checkOwnNames();
