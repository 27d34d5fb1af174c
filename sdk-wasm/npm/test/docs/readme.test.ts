// Every example of the README compiles against the package as it is published, in a project of the
// plainest kind: strict, ES2022, and without leaving the declarations of packages unchecked.

import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";

const root = new URL("../../", import.meta.url);
// Inside the package, so that its own name leads to it.
const folder = new URL("test/docs/.readme/", root);

test("the examples of the README compile", () => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const readme = readFileSync(new URL("README.md", root), "utf8");
  const examples = [...readme.matchAll(/^```(tsx?)\n(.*?)^```$/gms)];
  expect(examples.length).toBeGreaterThan(6);
  const names = examples.map(([, kind, text], at) => {
    const name = `example-${at}.${kind}`;
    writeFileSync(new URL(name, folder), text!);
    return name;
  });
  // The one that declares types declares them for its whole program.
  const programs = [names.filter((_, at) => !examples[at]![2]!.includes("declare module"))];
  programs.push(names.filter((name) => !programs[0]!.includes(name)));
  for (const [at, files] of programs.entries()) {
    const config = {
      compilerOptions: {
        target: "es2022",
        lib: ["es2022", "dom", "dom.iterable"],
        module: "esnext",
        moduleResolution: "bundler",
        jsx: "react-jsx",
        strict: true,
        noEmit: true,
        types: [],
      },
      include: files,
    };
    const path = new URL(`tsconfig.${at}.json`, folder);
    writeFileSync(path, JSON.stringify(config));
    const run = () =>
      execFileSync("npx", ["tsc", "-p", path.pathname], { cwd: root, encoding: "utf8", stdio: "pipe" });
    expect(run, files.join()).not.toThrow();
  }
}, 60_000);
