// Loading the core, once for the page.

import { wasm } from "#core";
import { Core, initSync } from "../../core/carewire_core.js";
import { CarewireError } from "../errors.js";
import { off, tell } from "../live.js";
import type { Off } from "../types.js";
import type { Glue } from "./boundary.js";
import { onTrap, stop } from "./runtime.js";

type Source = string | URL | BufferSource | WebAssembly.Module;

let loaded: Promise<Glue> | undefined;
/** Why nothing of the core may run again in this page. */
let dead: CarewireError | undefined;
/** The clients that live in the core. */
const living = new Set<(error: CarewireError) => void>();

/** Calls back when the core has ended by a fault of its own; at once where it has. */
export function whenDead(tell: (error: CarewireError) => void): Off {
  if (dead) tell(dead);
  else living.add(tell);
  return off(() => living.delete(tell));
}

/** Nothing of the core may run again in this page, whether or not a client lives in it now. */
function died(message: string): void {
  if (dead) return;
  const error = (dead = new CarewireError("core_failed", { message }));
  stop(error);
  // Not from within what is left of the core.
  queueMicrotask(() => tell(living, error));
}

onTrap(died);

/**
 * Loads the core before the first client connects, or from another place: an address, or the
 * module itself. Without it, `connect` loads what the package brings.
 */
export async function init(source?: Source): Promise<void> {
  await load(source);
}

/** The core; a failure is forgotten, so that the next call tries again. */
export function load(source?: Source): Promise<Glue> {
  if (dead) return Promise.reject(dead);
  loaded ??= start(source).catch((error: unknown) => {
    loaded = undefined;
    throw error;
  });
  return loaded;
}

async function start(source?: Source): Promise<Glue> {
  const from =
    source === undefined
      ? await wasm()
      : typeof source === "string" || source instanceof URL
        ? await (await fetch(source)).arrayBuffer()
        : source;
  try {
    const module = from instanceof WebAssembly.Module ? from : await WebAssembly.compile(from);
    initSync(module);
  } catch (error) {
    const message =
      `The core cannot start: ${String(error)}. A content security policy needs ` +
      "script-src 'self' 'wasm-unsafe-eval', and connect-src 'self' and the server";
    throw new CarewireError("core_failed", { message }, { cause: error });
  }
  // Its start is of the core, too.
  if (dead) throw dead;
  return { Core };
}
