// Packs the package, and installs and builds the projects with it.

import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const tests = fileURLToPath(new URL("..", import.meta.url));
const pages = join(tests, ".pages");
const tarball = join(pages, "carewire.tgz");

function npm(folder, ...args) {
  execFileSync("npm", args, { cwd: folder, stdio: ["ignore", "pipe", "inherit"], encoding: "utf8" });
}

/** What the lock file says, and the tarball, which is another one after every build. */
function install(folder) {
  npm(folder, "install", "--no-save", "--no-audit", "--no-fund", tarball);
}

mkdirSync(pages, { recursive: true });
const packed = execFileSync("npm", ["pack", "--silent", "--pack-destination", pages], {
  cwd: join(tests, "../npm"),
  encoding: "utf8",
});
renameSync(join(pages, packed.trim()), tarball);

for (const name of ["vite", "webpack", "next", "node"]) {
  const folder = join(tests, "projects", name);
  install(folder);
  if (name !== "node") npm(folder, "run", "build");
  console.log(`built the project for ${name}`);
}

// The same in an empty folder outside the repository: nothing of it may be needed.
const elsewhere = mkdtempSync(join(tmpdir(), "carewire-elsewhere-"));
try {
  const from = join(tests, "projects/vite");
  for (const file of ["package.json", "index.html", "main.jsx"])
    cpSync(join(from, file), join(elsewhere, file));
  install(elsewhere);
  npm(elsewhere, "run", "build");
  rmSync(join(pages, "elsewhere"), { recursive: true, force: true });
  cpSync(join(elsewhere, "dist"), join(pages, "elsewhere"), { recursive: true });
  console.log("built a project outside the repository");
} finally {
  rmSync(elsewhere, { recursive: true, force: true });
}
