// Loading the core, once for the page.

import { wasm } from "#core";
import * as glue from "../../core/carewire_core.js";
import { CarewireError } from "../errors.js";
import type { Glue } from "./boundary.js";

let loaded: Promise<Glue> | undefined;

/**
 * Loads the core before the first client connects, or from another place: an address, or the
 * module itself. Without it, `connect` loads what the package brings.
 */
export async function init(source?: string | URL | BufferSource | WebAssembly.Module): Promise<void> {
  await load(source);
}

/** The core; a failure is forgotten, so that the next call tries again. */
export function load(source?: string | URL | BufferSource | WebAssembly.Module): Promise<Glue> {
  loaded ??= start(source).catch((error: unknown) => {
    loaded = undefined;
    throw error;
  });
  return loaded;
}

async function start(source?: string | URL | BufferSource | WebAssembly.Module): Promise<Glue> {
  const from =
    source === undefined
      ? await wasm()
      : typeof source === "string" || source instanceof URL
        ? await (await fetch(source)).arrayBuffer()
        : source;
  try {
    await glue.default({ module_or_path: from });
  } catch (error) {
    throw new CarewireError(
      "core_failed",
      {
        message:
          "WebAssembly cannot start here. A content security policy needs: " +
          "script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' and the server",
      },
      { cause: error },
    );
  }
  return glue;
}
