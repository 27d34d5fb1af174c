// Which client the hooks of a tree speak to.

import { createContext, useContext } from "react";
import type { Carewire } from "../client.js";
import { engineOf } from "../client.js";
import { Engine } from "../engine.js";

/** `undefined`: there is no provider; `null`: nobody is signed in. */
export const ClientContext = createContext<Carewire | null | undefined>(undefined);

let idle: Engine | undefined;

/** What hooks show when there is nothing to show: signed out, without an id, on a server. */
export function idleEngine(): Engine {
  return (idle ??= Engine.idle());
}

export function useEngine(): Engine {
  const client = useContext(ClientContext);
  if (client === undefined) throw new Error("Carewire's hooks need a <CarewireProvider> around them");
  return client ? engineOf(client) : idleEngine();
}

/** The client itself, for what no hook does. Throws while nobody is signed in. */
export function useCarewire(): Carewire {
  const client = useContext(ClientContext);
  if (client === undefined) throw new Error("useCarewire needs a <CarewireProvider> around it");
  if (client === null) throw new Error("useCarewire needs somebody to be signed in");
  return client;
}
