// The core as text, for where no file can be fetched.

import base64 from "carewire:wasm";

/** The bytes of the core. */
export async function wasm(): Promise<BufferSource> {
  return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
}
