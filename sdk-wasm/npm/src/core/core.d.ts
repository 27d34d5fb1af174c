// What is built beside this source: the glue of wasm-bindgen, and the bytes of the core.

declare module "*/core/carewire_core.js" {
  export function initSync(module: WebAssembly.Module): unknown;
  export const Core: import("./boundary.js").Glue["Core"];
}

declare module "carewire:wasm" {
  const base64: string;
  export default base64;
}

declare module "#core" {
  /** The bytes of the core. */
  export function wasm(): Promise<BufferSource>;
}
