// A page with the package and nothing else; the tests do the rest from outside.

import { Carewire, CarewireError, chatRoom, type Options } from "carewire";
import { unplug } from "carewire/testing";
import { mount } from "./mount.tsx";

/** A token for anybody, and how long it lives. */
async function tokenOf(sub: string, role = "provider", expiresInMs?: number): Promise<string> {
  const body = JSON.stringify({ sub, role, ...(expiresInMs && { expiresInMs }) });
  const answer = await fetch("/dev/token", { method: "POST", body });
  return ((await answer.json()) as { token: string }).token;
}

/** A client of somebody, connected. */
function connect(sub: string, role = "provider", options: Partial<Options> = {}): Promise<Carewire> {
  return Carewire.connect({ url: "/ws", getToken: () => tokenOf(sub, role), ...options } as Options);
}

const tools = { Carewire, CarewireError, chatRoom, unplug, tokenOf, connect, mount };

declare global {
  interface Window {
    carewire: typeof tools;
    /** What a test keeps from one step to the next. */
    kept: Record<string, any>;
  }
}
window.carewire = tools;
window.kept = {};
