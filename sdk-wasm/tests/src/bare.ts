// A bare page of the real server, with what a browser tells of it.

import { type BrowserContext, type Page, test as base } from "@playwright/test";
import { fileURLToPath } from "node:url";
import type {} from "../bare/page/main.ts";
import { Server } from "./server.ts";

export { expect } from "@playwright/test";

const PAGES = fileURLToPath(new URL("../.pages/bare", import.meta.url));

export interface Bare {
  server: Server;
  /** Opens a page; the package is in `window.carewire`. */
  open(context?: BrowserContext): Promise<Page>;
  /** Sockets of all pages that are open now, and how many there ever were. */
  sockets: { open: number; all: number };
}

interface Settings {
  /** Settings of the server, by their environment variables. */
  settings: Record<string, string>;
}

export const test = base.extend<{ bare: Bare } & Settings>({
  settings: [{}, { option: true }],
  bare: async ({ context, settings }, use) => {
    await using server = await Server.start(PAGES, settings);
    const sockets = { open: 0, all: 0 };
    const open = async (where = context) => {
      const page = await where.newPage();
      page.on("websocket", (socket) => {
        sockets.open++;
        sockets.all++;
        socket.on("close", () => sockets.open--);
      });
      await page.goto(server.url);
      await page.waitForFunction(() => window.carewire);
      return page;
    };
    await use({ server, open, sockets });
    await context.close();
  },
});

/** Makes people known to each other: the provider cares for the patient. */
export async function settle(server: Server, provider: string, patient: string): Promise<void> {
  await server.backend("PUT", `/v1/users/${provider}`, { role: "provider", name: provider });
  await server.backend("PUT", `/v1/users/${patient}`, { role: "patient", name: patient });
  await server.backend("PUT", `/v1/care-team/${provider}/${patient}`);
}
