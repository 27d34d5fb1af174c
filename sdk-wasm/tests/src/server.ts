// The real server, and the demo clinic's software, as processes of their own.

import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** The binaries, built by `cargo xtask browser`. */
function binary(variable: string): string {
  const path = process.env[variable];
  if (!path) throw new Error(`${variable} is not set: run this with cargo xtask browser`);
  return path;
}

/** A server in `--dev` with a database file of its own, serving a copy of a folder of pages. */
export class Server implements AsyncDisposable {
  readonly #folder = mkdtempSync(join(tmpdir(), "carewire-"));
  readonly #settings: Record<string, string>;
  readonly #log: string[] = [];
  #process: ChildProcess | undefined;
  #clinic: ChildProcess | undefined;
  #address = "127.0.0.1:0";

  private constructor(settings: Record<string, string>) {
    this.#settings = settings;
  }

  static async start(pages: string, settings: Record<string, string> = {}): Promise<Server> {
    const server = new Server(settings);
    cpSync(pages, server.pages, { recursive: true });
    await server.start();
    return server;
  }

  get pages(): string {
    return join(this.#folder, "pages");
  }
  get url(): string {
    return `http://${this.#address}`;
  }
  get ws(): string {
    return `ws://${this.#address}/ws`;
  }

  /** Starts it, at the address it had if it ran before. */
  async start(): Promise<void> {
    const child = spawn(binary("CAREWIRE_SERVER_BIN"), ["--dev", "--dev-pages", this.pages], {
      env: {
        ...process.env,
        CAREWIRE_LISTEN: this.#address,
        CAREWIRE_DATABASE_URL: `sqlite://${join(this.#folder, "carewire.db")}`,
        ...this.#settings,
      },
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.#process = child;
    this.#address = await new Promise((resolve, reject) => {
      child.once("exit", () => reject(new Error(`The server ended:\n${this.#log.join("\n")}`)));
      createInterface(child.stderr).on("line", (line) => {
        this.#log.push(line);
        const address = /listening address=(\S+)/.exec(line)?.[1];
        if (address) resolve(address);
      });
    });
  }

  /** Kills it without a warning, as a power cut would. */
  async kill(): Promise<void> {
    await end(this.#process, "SIGKILL");
  }

  /** Asks it to stop, as a deployment would. */
  async terminate(): Promise<void> {
    await end(this.#process, "SIGTERM");
  }

  /** Starts the demo clinic's software, and waits until the schedule is there. */
  async openClinic(): Promise<void> {
    this.#clinic = spawn(
      binary("CAREWIRE_XTASK_BIN"),
      ["clinic", "--server", this.#address, "--pages", this.pages],
      {
        stdio: ["ignore", "inherit", "inherit"],
      },
    );
    for (;;) {
      const answer = await fetch(`${this.url}/clinic/vitals.json`);
      if (answer.ok) return;
      if (this.#clinic.exitCode !== null) throw new Error("The clinic's software ended");
    }
  }

  async token(sub: string, role: string, more: object = {}): Promise<string> {
    const { token } = (await this.post("/dev/token", { sub, role, ...more })) as { token: string };
    return token;
  }

  /** A call of the backend API, as the demo clinic's service. */
  async backend(method: string, path: string, body?: unknown): Promise<unknown> {
    const token = await this.token("ehr", "service");
    return this.#call(method, path, body, { authorization: `Bearer ${token}` });
  }

  async publish(target: object, type: string, data: object): Promise<void> {
    await this.backend("POST", "/v1/publish", { target, event: { type, data } });
  }

  async post(path: string, body: unknown): Promise<unknown> {
    return this.#call("POST", path, body, {});
  }

  async #call(
    method: string,
    path: string,
    body: unknown,
    headers: Record<string, string>,
  ): Promise<unknown> {
    const init = body === undefined ? {} : { body: JSON.stringify(body) };
    const answer = await fetch(this.url + path, { method, headers, ...init });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    const text = await answer.text();
    return text ? JSON.parse(text) : undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await end(this.#clinic, "SIGKILL");
    await end(this.#process, "SIGKILL");
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

async function end(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  child.removeAllListeners("exit");
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill(signal);
  await ended;
}
