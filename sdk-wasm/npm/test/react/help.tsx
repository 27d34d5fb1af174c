import type { Carewire } from "carewire";
import { CarewireProvider } from "carewire/react";
import { fakeServer, type FakeServer } from "carewire/testing";
import { StrictMode, act, type ReactNode } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach } from "vitest";

(globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;

export interface World {
  readonly server: FakeServer;
  /** Draws, and lets everything happen that needs no time. */
  show(tree: ReactNode): Promise<void>;
  hide(): Promise<void>;
  /** Lets time pass. */
  wait(ms: number): Promise<void>;
  /** Does something, and lets happen what follows. */
  act(fn: () => unknown): Promise<void>;
  readonly text: string;
  readonly element: HTMLElement;
}

/** A server and a page for each test of a file. */
export function useWorld(): World {
  let server: FakeServer;
  let root: Root | undefined;
  let element: HTMLElement;
  beforeEach(() => {
    server = fakeServer();
    element = document.body.appendChild(document.createElement("div"));
  });
  afterEach(async () => {
    await act(async () => root?.unmount());
    root = undefined;
    element.remove();
    server[Symbol.dispose]();
  });
  const world: World = {
    get server() {
      return server;
    },
    async show(tree) {
      root ??= createRoot(element);
      await world.act(() => root!.render(tree));
    },
    async hide() {
      await world.act(() => root?.unmount());
      root = undefined;
    },
    wait: (ms) => act(async () => server.advance(ms)),
    async act(fn) {
      await act(async () => {
        await Promise.all([fn(), server.advance(0)]);
      });
      // What the effects of that began.
      await world.wait(0);
    },
    get text() {
      return element.textContent ?? "";
    },
    get element() {
      return element;
    },
  };
  return world;
}

/** A tree of a connected client, strictly. */
export function Strict({ client, children }: { client: Carewire; children: ReactNode }) {
  return (
    <StrictMode>
      <CarewireProvider client={client}>{children}</CarewireProvider>
    </StrictMode>
  );
}

/** How often a command was received. */
export function count(server: FakeServer, type: string, userId?: string): number {
  return server.received.filter((one) => one.type === type && (userId === undefined || one.userId === userId))
    .length;
}
