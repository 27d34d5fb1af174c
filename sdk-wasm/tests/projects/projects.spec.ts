import { type Page, expect, test } from "@playwright/test";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { settle } from "../src/bare.ts";
import { Server } from "../src/server.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** A server with the two people of the projects, serving a folder of pages. */
async function serve(pages: string): Promise<Server> {
  const server = await Server.start(pages);
  await settle(server, "dr-lee", "ana");
  return server;
}

async function query(server: Server): Promise<string> {
  return `?${new URLSearchParams({ url: server.ws, token: await server.token("dr-lee", "provider") })}`;
}

/** It connects, and what it sends is stored. */
async function works(page: Page): Promise<void> {
  await expect(page.getByText("Connected")).toBeVisible();
  await page.getByRole("button", { name: "Send" }).click();
  await expect(page.getByRole("listitem")).toHaveText("Hello sent");
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/** A development or production server of a project, until the test is over. */
async function run(
  folder: string,
  command: string,
  args: string[],
  test: (url: string) => Promise<void>,
): Promise<void> {
  const port = await freePort();
  const child: ChildProcess = spawn(
    here(`${folder}/node_modules/.bin/${command}`),
    [...args, "--port", String(port)],
    {
      cwd: here(folder),
      stdio: ["ignore", "ignore", "inherit"],
    },
  );
  try {
    const url = `http://127.0.0.1:${port}`;
    await expect
      .poll(
        () =>
          fetch(url).then(
            (answer) => answer.ok,
            () => false,
          ),
        { timeout: 60_000 },
      )
      .toBe(true);
    await test(url);
  } finally {
    child.kill("SIGKILL");
  }
}

for (const [name, dist] of [
  ["Vite", "vite/dist"],
  ["webpack", "webpack/dist"],
  ["Vite, outside the repository", "../.pages/elsewhere"],
] as const) {
  test(`${name}: built, under the strict policy`, async ({ page }) => {
    await using server = await serve(here(dist));
    await page.goto(`${server.url}/${await query(server)}`);
    await works(page);
  });
}

test("Vite: in development", async ({ page }) => {
  await using server = await serve(here("vite/dist"));
  await run("vite", "vite", ["--host", "127.0.0.1"], async (url) => {
    await page.goto(`${url}/${await query(server)}`);
    await works(page);
  });
});

test("Next.js: rendered on the server, connected in the browser", async ({ page }) => {
  await using server = await serve(here("vite/dist"));
  await run("next", "next", ["start", "--hostname", "127.0.0.1"], async (url) => {
    const address = `${url}/${await query(server)}`;
    const rendered = await (await fetch(address)).text();
    expect(rendered).toContain("<button>Send</button>");
    const faults: string[] = [];
    page.on("pageerror", (error) => faults.push(error.message));
    await page.goto(address);
    await works(page);
    expect(faults).toEqual([]);
  });
});

for (const file of ["main.js", "main.cjs"]) {
  test(`Node: ${file}`, async () => {
    await using server = await serve(here("vite/dist"));
    const token = await server.token("dr-lee", "provider");
    const { stdout } = await promisify(execFile)("node", [file, server.ws, token], { cwd: here("node") });
    expect(stdout).toBe("Hello sent\n");
  });
}
