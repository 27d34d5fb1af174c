// The core for Node, which before version 22 has no WebSocket.

import { useSocket } from "./runtime.js";

export async function wasm(): Promise<BufferSource> {
  if (typeof globalThis.WebSocket === "undefined") {
    const { WebSocket } = await import("ws");
    useSocket(WebSocket as unknown as typeof globalThis.WebSocket);
  }
  const inline = await import("./core-inline.js");
  return inline.wasm();
}
